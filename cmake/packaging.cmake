# What is installed beside the plugin, and the packages: Debian's, the archive (archive.cmake), the spec file of an RPM.
#
#   cmake -S . -B build-deb -DTCPFSM_INSTALL=system -DCMAKE_BUILD_TYPE=Release && cmake --build build-deb --target package
#   tools/package.sh deb|archive|rpm
#
# The package is for the Wireshark it was built against: the plugin lies in that version's folder and links its libraries, on which the package depends.
#
# SPDX-License-Identifier: GPL-2.0-or-later

if(NOT TCPFSM_PLUGIN)
    return()
endif()
set(profile_source "${PROJECT_SOURCE_DIR}/profile/TCP State Machine")

# wireshark_facts: set wireshark_plugins (Wireshark's plugin folder), wireshark_version and, on Windows, personal_folder where only the plugin's own folder of the sources knows them.
foreach(fact wireshark_plugins wireshark_version personal_folder)
    get_directory_property(${fact} DIRECTORY "${PROJECT_SOURCE_DIR}/plugin" DEFINITION ${fact})
endforeach()

# An importable zip of the profile: Wireshark, Edit, Configuration Profiles, Import.
add_custom_target(profile_zip
    COMMAND "${CMAKE_COMMAND}" -E tar cf "${PROJECT_BINARY_DIR}/tcpfsm-profile.zip" --format=zip "TCP State Machine"
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}/profile" COMMENT "tcpfsm-profile.zip" VERBATIM)

# cmake --build build --target uninstall: removes what `cmake --install build` installed; DESTDIR is honoured as there.
add_custom_target(uninstall COMMAND "${CMAKE_COMMAND}" -DMANIFEST_DIR=${PROJECT_BINARY_DIR} -P "${PROJECT_SOURCE_DIR}/cmake/uninstall.cmake" VERBATIM)

# The versions of Wireshark that look in the plugin's folder: 4.0 up to, not including, 4.1.
string(REGEX MATCH "^([0-9]+)[.]([0-9]+)" series "${wireshark_version}")
math(EXPR next "${CMAKE_MATCH_2} + 1")
set(next "${CMAKE_MATCH_1}.${next}")

# The date of this version is the one its part of CHANGELOG.md has, so that what is made today is made the same tomorrow.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS CHANGELOG.md)
file(STRINGS "${PROJECT_SOURCE_DIR}/CHANGELOG.md" release REGEX "^## [0-9]" LIMIT_COUNT 1)
if(NOT release MATCHES "^## ${PROJECT_VERSION}, ([0-9]+-[0-9]+-[0-9]+)$")
    message(FATAL_ERROR "CHANGELOG.md begins with '${release}': it must be '## ${PROJECT_VERSION}, YYYY-MM-DD', the version of plugin/engine/version.h")
endif()
set(day "${CMAKE_MATCH_1}")

include("${PROJECT_SOURCE_DIR}/cmake/archive.cmake")
if(TCPFSM_INSTALL STREQUAL "user")
    if(WIN32)
        install(DIRECTORY "${profile_source}" DESTINATION "${personal_folder}profiles")
    else()
        install(DIRECTORY "${profile_source}" DESTINATION "$ENV{HOME}/.config/wireshark/profiles")
    endif()
    set(CPACK_GENERATOR "${archive_generator}")
    include(CPack)
    return()
endif()

# Wireshark for Windows has one folder for all: plugins/4.0 and profiles lie beside the program.
if(WIN32)
    install(DIRECTORY "${profile_source}" DESTINATION "${wireshark_plugins}/../../profiles")
    return()
endif()

# Wireshark's own prefix, usually /usr: what lies above the lib folder that holds the plugins.
string(REGEX REPLACE "/lib(64)?/.*$" "" wireshark_prefix "${wireshark_plugins}")
set(package wireshark-plugin-tcpfsm)
set(doc_folder "${wireshark_prefix}/share/doc/${package}")
set(made "${PROJECT_BINARY_DIR}/packaging")

# That day as Debian and RPM write it, with its weekday: in seconds since 1970 string(TIMESTAMP) takes it, from SOURCE_DATE_EPOCH.
string(REGEX MATCH "^([0-9]+)-0?([0-9]+)-0?([0-9]+)$" unused "${day}")
math(EXPR early "(14 - ${CMAKE_MATCH_2}) / 12")
math(EXPR year "${CMAKE_MATCH_1} - ${early}")
math(EXPR month "${CMAKE_MATCH_2} + 12 * ${early} - 3")
math(EXPR epoch "(${CMAKE_MATCH_3} + (153 * ${month} + 2) / 5 + 365 * ${year} + ${year} / 4 - ${year} / 100 + ${year} / 400 - 719469) * 86400")
set(kept_epoch "$ENV{SOURCE_DATE_EPOCH}")
set(ENV{SOURCE_DATE_EPOCH} "${epoch}")
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
string(TIMESTAMP rpm_date "%a %b %d %Y" UTC)
set(ENV{SOURCE_DATE_EPOCH} "${kept_epoch}")

# The manual names every finding of the catalogue, by severity.
file(STRINGS "${PROJECT_SOURCE_DIR}/plugin/diagnosis/findings.def" rows REGEX "^TCPFSM_FINDING_ROW")
foreach(severity WARN NOTE CHAT)
    set(FINDINGS_${severity} "")
    foreach(row IN LISTS rows)
        if(row MATCHES "^TCPFSM_FINDING_ROW.[A-Z0-9_]+, \"([a-z0-9_.]+)\", ${severity},")
            list(APPEND FINDINGS_${severity} "${CMAKE_MATCH_1}")
        endif()
    endforeach()
    list(JOIN FINDINGS_${severity} ", " FINDINGS_${severity})
endforeach()
configure_file("${PROJECT_SOURCE_DIR}/cmake/debian/changelog.in" "${made}/changelog" @ONLY)
configure_file("${PROJECT_SOURCE_DIR}/doc/tcpfsm.7.in" "${made}/tcpfsm.7" @ONLY)
configure_file("${PROJECT_SOURCE_DIR}/cmake/rpm/wireshark-plugin-tcpfsm.spec.in" "${made}/wireshark-plugin-tcpfsm.spec" @ONLY)
find_program(GZIP gzip REQUIRED)
foreach(file changelog tcpfsm.7)
    add_custom_command(OUTPUT "${made}/${file}.gz" COMMAND "${GZIP}" -9 -n -k -f "${made}/${file}" DEPENDS "${made}/${file}" VERBATIM)
endforeach()
add_custom_target(packaging ALL DEPENDS "${made}/changelog.gz" "${made}/tcpfsm.7.gz")

install(DIRECTORY "${profile_source}" DESTINATION "${wireshark_prefix}/share/wireshark/profiles")
install(FILES "${made}/tcpfsm.7.gz" DESTINATION "${wireshark_prefix}/share/man/man7")
install(FILES "${made}/changelog.gz" "${PROJECT_SOURCE_DIR}/cmake/debian/copyright" DESTINATION "${doc_folder}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME "${package}")
set(CPACK_PACKAGE_VENDOR "tcpfsm")
set(CPACK_PACKAGE_CONTACT "The tcpfsm authors <tcpfsm@users.noreply.github.com>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_VERSION "${PROJECT_VERSION}+wireshark${series}")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libwireshark-data (>= ${series}~), libwireshark-data (<< ${next}~)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "wireshark | tshark")
set(CPACK_DEBIAN_PACKAGE_ENHANCES "wireshark, tshark")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "TCP states of both endpoints on every packet, for Wireshark")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "This plugin follows each TCP connection of a capture through the state machine
of RFC 9293 and shows on every segment in which state each of the two
endpoints is, what moved it there and how sure that is, with findings such as
refused connections, resets and their cause, half-open connections, lingering
CLOSE_WAIT and TIME_WAIT pressure.")
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX "${wireshark_prefix}")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
