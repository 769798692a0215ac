/* kinds.h: the reports of -z there are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_KINDS_H
#define TCPFSM_KINDS_H

#include "reports/report.h"

extern const struct report_kind report_diagnosis, report_conv, report_path, report_ss, report_hosts, report_ladder,
    report_timeline;

#endif
