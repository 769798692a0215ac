/* test_reset.c: RSTs that are not what they seem, and openings: what the engine's facts about them become.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "stage.h"

static void forged_its_sender_goes_on(void **state)
{
    (void)state;
    begin();
    from(SERVER, RST | ACK, .facts = ACCEPTED, .ttl = 200, .id = 7);
    from(SERVER, ACK, .len = 10, .facts = TCPFSM_FACT_RST_REFUTED_BY_SENDER, .evidence = 8, .after = SECONDS(1));
    assert_int_equal(says("rst.forged", SERVER)->frame, 8);
    assert_true(stage.said.finding[0].suspicious);
    from(CLIENT, ACK);
    says_not(NULL);
}

static void whom_a_forged_rst_has_closed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        begin();
        from(SERVER, RST | ACK, .facts = ACCEPTED, .ttl = 200, .id = 7);
        from(SERVER, ACK, .len = 10, .facts = TCPFSM_FACT_RST_REFUTED_BY_SENDER, .evidence = 8, .after = SECONDS(1),
             .state = { TCPFSM_ESTABLISHED, TCPFSM_ESTABLISHED });
        assert_int_equal(says("rst.forged", SERVER)->other, 6); /* what the RST does not look like */
        from(CLIENT, i ? RST | ACK : RST, .facts = ACCEPTED);
        if (i)
            says("rst.abort", CLIENT); /* near miss: a socket sends such */
        else
            says_not(NULL); /* its host has no socket any more: the forged RST has closed it */
    }
}

static void the_rst_fits_and_what_goes_on_does_not(void **state)
{
    (void)state;
    begin();
    from(SERVER, RST | ACK, .facts = ACCEPTED);
    from(SERVER, ACK, .len = 10, .facts = TCPFSM_FACT_RST_REFUTED_BY_SENDER, .evidence = 8, .ttl = 63, .id = 1);
    says_not("rst.forged");
}

static void forged_its_receiver_goes_on(void **state)
{
    (void)state;
    begin();
    from(SERVER, RST | ACK, .facts = ACCEPTED);
    from(CLIENT, ACK, .facts = TCPFSM_FACT_RST_REFUTED_BY_RECEIVER, .evidence = 8);
    assert_int_equal(says("rst.forged", CLIENT)->detail, 1);
}

static void a_volley(void **state)
{
    (void)state;
    begin();
    from(SERVER, RST, .facts = ACCEPTED);
    from(SERVER, RST, .facts = ACCEPTED, .back = -1460, .after = MS(1));
    assert_int_equal(says("rst.forged", SERVER)->detail, 2);
    begin();
    from(SERVER, RST, .facts = ACCEPTED);
    from(CLIENT, ACK); /* near miss: in flight, and answered */
    from(SERVER, RST, .facts = ACCEPTED, .back = -1460, .after = MS(1));
    says_not("rst.forged");
}

static void one_rst_one_cause(void **state)
{
    (void)state;
    begin();
    from(CLIENT, RST | ACK, .facts = ACCEPTED);
    assert_int_equal(stage.said.findings, 1);
    from(SERVER, ACK, .len = 10);
    from(CLIENT, RST, .facts = ACCEPTED);
    says_not(NULL);
}

static void not_accepted(void **state)
{
    (void)state;
    begin();
    from(SERVER, RST, .facts = TCPFSM_FACT_RST_CHALLENGED, .back = -100);
    assert_int_equal(says("rst.challenged", CLIENT)->state, TCPFSM_ESTABLISHED);
    from(CLIENT, ACK, .facts = TCPFSM_FACT_CHALLENGE_ACK, .evidence = 8);
    says("challenge_ack", CLIENT);
    from(SERVER, RST, .facts = TCPFSM_FACT_RST_DROPPED, .back = 100000);
    says("rst.dropped", CLIENT);
    from(SERVER, RST, .facts = TCPFSM_FACT_RST_DROPPED, .back = 100000);
    says_not(NULL);
}

static void suspicious_without_a_finding(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 3; i++) { /* dropped: a finding at the first of them only */
        from(SERVER, RST | ACK, .facts = TCPFSM_FACT_RST_DROPPED, .back = 100000, .ttl = 200, .id = 7);
        assert_true(stage.said.suspicious);
    }
    says_not(NULL);
    from(SERVER, RST | ACK, .facts = TCPFSM_FACT_RST_DROPPED, .back = 100000, .ttl = 200, .id = 40004);
    assert_false(stage.said.suspicious); /* near miss: TTL alone */
    from(SERVER, RST | ACK, .facts = ACCEPTED, .id = 40004);
    assert_false(stage.said.suspicious);
    from(SERVER, RST | ACK, .facts = ACCEPTED, .ttl = 200, .id = 7); /* after the one that ended it */
    assert_true(stage.said.suspicious);
    from(CLIENT, ACK);
    assert_false(stage.said.suspicious);
}

static void the_far_ttl_of_the_same_distance(void **state)
{
    (void)state;
    begin(); /* 64 and 128 are the same place */
    from(SERVER, RST | ACK, .facts = ACCEPTED, .ttl = 128, .id = 7);
    assert_int_equal(stage.said.finding[0].traits, TCPFSM_TRAIT_IP_ID);
    assert_false(stage.said.finding[0].suspicious);
}

/* opening: a stage without a connection. */
static void opening(void)
{
    begin();
    memset(&stage.d, 0, sizeof stage.d);
    memset(stage.n, 0, sizeof stage.n);
    stage.state[0] = stage.state[1] = TCPFSM_CLOSED;
}

static void refused(void **state)
{
    (void)state;
    opening();
    from(CLIENT, SYN, .state = { TCPFSM_SYN_SENT, TCPFSM_LISTEN });
    from(SERVER, RST | ACK, .facts = ACCEPTED);
    assert_int_equal(says("rst.refused", SERVER)->frame, 8);
    assert_int_equal(diagnosis_outcome(&stage.d, NULL), TCPFSM_OUTCOME_REFUSED);
}

static void it_listened_and_gave_up(void **state)
{
    (void)state;
    opening();
    from(CLIENT, SYN, .state = { TCPFSM_SYN_SENT, TCPFSM_LISTEN });
    from(SERVER, SYN | ACK, .state = { TCPFSM_SYN_SENT, TCPFSM_SYN_RECEIVED });
    from(SERVER, SYN | ACK, .back = 1, .after = SECONDS(3));
    says("half_open.syn_ack", SERVER);
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = SECONDS(60));
    assert_int_equal(says("rst.retransmissions", SERVER)->detail, 2);
    assert_int_equal(diagnosis_outcome(&stage.d, NULL), TCPFSM_OUTCOME_NOT_COMPLETED);
}

static void a_final_ack_in_vain(void **state)
{
    (void)state;
    opening();
    from(CLIENT, SYN, .state = { TCPFSM_SYN_SENT, TCPFSM_LISTEN });
    from(SERVER, SYN | ACK, .state = { TCPFSM_SYN_SENT, TCPFSM_SYN_RECEIVED });
    from(CLIENT, ACK, .state = { TCPFSM_ESTABLISHED, TCPFSM_SYN_RECEIVED });
    from(SERVER, SYN | ACK, .back = 1, .after = SECONDS(1));
    says_not(NULL);
    from(SERVER, SYN | ACK, .back = 1, .after = SECONDS(2));
    assert_int_equal(says("half_open.not_accepted", SERVER)->frame, 10);
}

/* again: SYNs with these stamps are answered, 500 ms apart; then one with the stamp `last` is not, three times; the
 * finding's name. */
static const char *again(const uint32_t *stamps, unsigned n, uint32_t last)
{
    struct diagnosis_pair pair = { 0 };

    for (unsigned i = 0; i <= n; i++) {
        opening();
        stage.pair = pair;
        stage.now += MS(500) * i;
        if (i == n)
            break;
        from(CLIENT, SYN, .stamps = true, .stamp = stamps[i], .state = { TCPFSM_SYN_SENT, TCPFSM_LISTEN });
        from(SERVER, SYN | ACK, .stamps = true, .stamp = stamps[i], .state = { TCPFSM_SYN_SENT, TCPFSM_SYN_RECEIVED });
        pair = stage.pair;
    }
    for (unsigned i = 0; i < 3; i++)
        from(CLIENT, SYN, .stamps = true, .stamp = last, .after = SECONDS(2), .back = i ? 1 : 0,
             .state = { TCPFSM_SYN_SENT, TCPFSM_LISTEN });
    return stage.said.findings ? tcpfsm_finding_name(stage.said.finding[0].id) : "none";
}

static void timestamps_that_went_back(void **state)
{
    static const uint32_t one_clock[] = { 5000, 5500, 6000 }, offsets[] = { 5000, 900005000, 1800005000 },
                          back[] = { 5000, 5500, 700, 6500 };

    (void)state;
    assert_string_equal(again(one_clock, 3, 4000), "syn.paws");
    assert_string_equal(again(one_clock, 3, 8000), "half_open.syn");
    assert_string_equal(again(one_clock, 1, 4000), "half_open.syn"); /* one says nothing of a clock */
    assert_string_equal(again(offsets, 3, 4000), "half_open.syn");   /* an offset for each connection, as Linux has */
    assert_string_equal(again(back, 4, 4000), "half_open.syn");      /* older ones were answered */
}

static void half_open_discovery(void **state)
{
    (void)state;
    begin();
    from(CLIENT, SYN, .facts = TCPFSM_FACT_SYN_ATTEMPT, .state = { TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED });
    from(SERVER, ACK, .facts = TCPFSM_FACT_SYN_CHALLENGED, .evidence = 8);
    assert_int_equal(says("challenge_ack", SERVER)->frame, 8);
    from(CLIENT, RST, .facts = TCPFSM_FACT_RST_REJECTS);
    assert_int_equal(says("half_open.one_sided", SERVER)->frame, 8);
}

static void a_fast_close_has_one_finding(void **state)
{
    (void)state;
    begin();
    from(CLIENT, ACK, .fast = true);
    says("mptcp.fastclose", CLIENT);
    from(SERVER, RST | ACK, .facts = ACCEPTED, .after = MS(1));
    says_not(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(forged_its_sender_goes_on),
        T(the_rst_fits_and_what_goes_on_does_not),
        T(forged_its_receiver_goes_on),
        T(a_volley),
        T(one_rst_one_cause),
        T(not_accepted), T(whom_a_forged_rst_has_closed), T(suspicious_without_a_finding),
        T(the_far_ttl_of_the_same_distance),
        T(refused),
        T(it_listened_and_gave_up),
        T(a_final_ack_in_vain),
        T(timestamps_that_went_back),
        T(half_open_discovery),
        T(a_fast_close_has_one_finding),
    };

    return RUN(tests);
}
