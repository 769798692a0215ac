# The archive of a platform: the plugin, the profile, the licence and notes that say where each belongs, for who has no package. In a build of any kind:
#
#   cmake --build build && (cd build && cpack -G TGZ)         or tools/package.sh archive
#
# packaging.cmake includes this file; it sets series, day and profile_source, and uses archive_generator.
#
# SPDX-License-Identifier: GPL-2.0-or-later

string(TOLOWER "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" platform)
set(archive_generator TGZ)
set(archive_folder "tcpfsm-${PROJECT_VERSION}-wireshark${series}-${platform}")
string(REPLACE "." "-" series_of_macos "${series}")
set(archive_made "${PROJECT_BINARY_DIR}/archive")
get_target_property(archive_suffix tcpfsm SUFFIX)
configure_file("${PROJECT_SOURCE_DIR}/cmake/archive/INSTALL.md.in" "${archive_made}/INSTALL.md" @ONLY)
configure_file("${PROJECT_SOURCE_DIR}/cmake/archive/cpack.cmake.in" "${archive_made}/cpack.cmake" @ONLY)

install(TARGETS tcpfsm LIBRARY DESTINATION "plugins/${series}/epan" COMPONENT archive EXCLUDE_FROM_ALL NAMELINK_SKIP)
install(DIRECTORY "${profile_source}" DESTINATION profiles COMPONENT archive EXCLUDE_FROM_ALL)
install(FILES "${archive_made}/INSTALL.md" README.md CHANGELOG.md LICENSE captures/tour.pcapng DESTINATION . COMPONENT archive EXCLUDE_FROM_ALL)

# CPack reads this file once for each generator: only there is known which one it is.
set(CPACK_PROJECT_CONFIG_FILE "${archive_made}/cpack.cmake")
set(CPACK_STRIP_FILES ON)
