/* unit.h: what the unit tests of the plugin share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_UNIT_H
#define TCPFSM_UNIT_H

#include "compat.h"
#include "diagnosis/diagnosis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { SECOND = 1000000000 };

#endif
