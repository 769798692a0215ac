/* version.h: the version of tcpfsm, for code that uses the engine. The one place where the number stands:
 * CMakeLists.txt reads it here.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TCPFSM_VERSION_H
#define TCPFSM_VERSION_H

#define TCPFSM_VERSION_MAJOR 1
#define TCPFSM_VERSION_MINOR 1
#define TCPFSM_VERSION_PATCH 0

/* TCPFSM_VERSION_NUMBER, TCPFSM_VERSION_OF: for comparisons: #if TCPFSM_VERSION_NUMBER >= TCPFSM_VERSION_OF(1, 2, 0) */
#define TCPFSM_VERSION_OF(major, minor, patch) ((major) * 10000 + (minor) * 100 + (patch))
#define TCPFSM_VERSION_NUMBER TCPFSM_VERSION_OF(TCPFSM_VERSION_MAJOR, TCPFSM_VERSION_MINOR, TCPFSM_VERSION_PATCH)

#endif
