# What a program that embeds the library gets: the public headers, the generated
# messages, the .proto files, the static libraries, and find_package(suyuan).
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(TARGETS suyuan suyuan_proto suyuan_base suyuan_codes suyuan_events suyuan_store
    suyuan_merkle suyuan_backup suyuan_privacy suyuan_ledger suyuan_genealogy suyuan_layout suyuan_trace suyuan_recall
    suyuan_engine
  EXPORT suyuanTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY lib/include/suyuan DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(part v1 options)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/schemas/suyuan/${part}
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/suyuan
    FILES_MATCHING PATTERN "*.pb.h" PATTERN "*_service*" EXCLUDE PATTERN "*.dir" EXCLUDE)
  install(DIRECTORY schemas/suyuan/${part} DESTINATION ${CMAKE_INSTALL_DATADIR}/suyuan/suyuan
    FILES_MATCHING PATTERN "*.proto")
endforeach()
install(EXPORT suyuanTargets NAMESPACE suyuan:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/suyuan)
configure_package_config_file(cmake/suyuanConfig.cmake.in ${PROJECT_BINARY_DIR}/suyuanConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/suyuan)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/suyuanConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/suyuanConfig.cmake ${PROJECT_BINARY_DIR}/suyuanConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/suyuan)
