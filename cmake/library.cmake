# The engine as a library: libtcpfsm.a, three headers, a pkg-config file and a CMake package; doc/engine.md says how to use them.
#
#   cmake -S . -B build -DTCPFSM_PLUGIN=OFF && cmake --build build && cmake --install build --prefix /usr/local
#
# Where the plugin is built too, the library is a component that is installed only by name (--component library).
#
# SPDX-License-Identifier: GPL-2.0-or-later

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(not_by_itself "")
if(TCPFSM_PLUGIN)
    set(not_by_itself EXCLUDE_FROM_ALL)
endif()
set(header_folder "${CMAKE_INSTALL_INCLUDEDIR}/tcpfsm")
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/tcpfsm")
set(pkgconfig_folder "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
set(made "${PROJECT_BINARY_DIR}/library")

set_target_properties(tcpfsm_engine PROPERTIES OUTPUT_NAME tcpfsm EXPORT_NAME engine)
target_include_directories(tcpfsm_engine INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
install(TARGETS tcpfsm_engine EXPORT tcpfsm ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library ${not_by_itself})
install(FILES plugin/engine/tcpfsm.h plugin/engine/version.h plugin/engine/events.def DESTINATION "${header_folder}"
    COMPONENT library ${not_by_itself})

# A pkg-config file that finds its prefix by itself, wherever the library is installed or moved to.
file(RELATIVE_PATH PREFIX_FROM_PKGCONFIG "/prefix/${pkgconfig_folder}" "/prefix")
string(REGEX REPLACE "/$" "" PREFIX_FROM_PKGCONFIG "${PREFIX_FROM_PKGCONFIG}")
configure_file(cmake/tcpfsm.pc.in "${made}/tcpfsm.pc" @ONLY)
install(FILES "${made}/tcpfsm.pc" DESTINATION "${pkgconfig_folder}" COMPONENT library ${not_by_itself})

# find_package(tcpfsm 1.0): the target tcpfsm::engine.
write_basic_package_version_file("${made}/tcpfsm-config-version.cmake" COMPATIBILITY SameMajorVersion)
install(FILES "${made}/tcpfsm-config-version.cmake" DESTINATION "${package_folder}" COMPONENT library ${not_by_itself})
install(EXPORT tcpfsm FILE tcpfsm-config.cmake NAMESPACE tcpfsm:: DESTINATION "${package_folder}"
    COMPONENT library ${not_by_itself})
