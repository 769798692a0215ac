# The plugin as a part of a Wireshark source tree, the way Wireshark's doc/README.plugins asks: this repository lies, or a link to it, in
# plugins/epan/tcpfsm of that tree, and Wireshark is configured with
#
#   cmake -DCUSTOM_PLUGIN_SRC_DIR=plugins/epan/tcpfsm ...       or that line in its CMakeListsCustom.txt
#
# plugin/CMakeLists.txt includes this file. Libraries, headers, flags, suffixes and folders are Wireshark's, on each system.
#
# SPDX-License-Identifier: GPL-2.0-or-later

include(WiresharkPlugin)
set_module_info(tcpfsm ${MAJOR} ${MINOR} ${PATCH} 0)

file(GLOB PLUGIN_FILES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.c" "${CMAKE_CURRENT_SOURCE_DIR}/reports/*.c")
set_source_files_properties(${PLUGIN_FILES} PROPERTIES COMPILE_FLAGS "${WERROR_COMMON_FLAGS}")
add_wireshark_plugin_library(tcpfsm epan)
set_target_properties(tcpfsm PROPERTIES DEFINE_SYMBOL "")
# Before Wireshark's own folders, where there is another config.h.
target_include_directories(tcpfsm BEFORE PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
target_compile_definitions(tcpfsm PRIVATE TCPFSM_VERSION="${PLUGIN_VERSION}" $<$<BOOL:${HAVE_SSIZE_T}>:HAVE_SSIZE_T>)
target_link_libraries(tcpfsm tcpfsm_diagnosis epan)
set_target_properties(tcpfsm_engine tcpfsm_diagnosis PROPERTIES POSITION_INDEPENDENT_CODE ON FOLDER "Plugins")
install_plugin(tcpfsm epan)
install(DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/../profile/" DESTINATION "${CMAKE_INSTALL_DATADIR}/profiles")
