/* test_possible.c: the sets: what widens and what narrows them (plugin/engine/possible.c; DESIGN section 3).
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

/* What is captured beside an endpoint on its way there has as good as arrived: no doubt remains. */
SCENARIO(near_the_capture_an_arrival_is_certain)
{
    near(SERVER);
    client(SYN);
    server(SYN | ACK);                      shows("ESTABLISHED|SYN_SENT", "SYN_RECEIVED|LISTEN");
    client(ACK);
    client(ACK, .len = 10);
    server(ACK);
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT");
    server(ACK);                            shows("FIN_WAIT_2|FIN_WAIT_1", "CLOSE_WAIT");
    server(FIN | ACK);                      shows("TIME_WAIT?", "LAST_ACK");
    client(ACK);                            shows("TIME_WAIT", "CLOSED");
}

/* For a near receiver the retransmission proves nothing about the first copy's delivery. */
SCENARIO(near_receiver_keeps_what_it_received)
{
    near(SERVER);
    open_connection();
    client(FIN | ACK);                      shows("FIN_WAIT_1", "CLOSE_WAIT");
    client(FIN | ACK, .back = 1, .after = 300);     shows("FIN_WAIT_1", "CLOSE_WAIT.");
}

/* Beside the capture what comes by has as good as arrived, until the endpoint shows that it did not; after
 * LIMIT_MISSES times in a row both are possible. */
SCENARIO(near_receiver_that_is_deaf_is_no_longer_believed_to_hear)
{
    near(SERVER);
    open_connection();
    client(FIN | ACK);
    server(ACK);
    server(FIN | ACK);                                  shows("TIME_WAIT?", "LAST_ACK");
    client(ACK, .lost = true);                          shows("TIME_WAIT", "CLOSED");
    server(FIN | ACK, .back = 1, .after = 300);         shows("TIME_WAIT", "LAST_ACK|CLOSED");
    client(ACK, .lost = true);                          shows("TIME_WAIT", "CLOSED");
    server(FIN | ACK, .back = 1, .after = 600);         shows("TIME_WAIT", "LAST_ACK|CLOSED");
    client(ACK, .lost = true);                          shows("TIME_WAIT", "CLOSED|LAST_ACK");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(near_the_capture_an_arrival_is_certain), T(near_receiver_keeps_what_it_received),
        T(near_receiver_that_is_deaf_is_no_longer_believed_to_hear),
    };

    return RUN(tests);
}
