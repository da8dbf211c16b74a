# Installs the library, its headers, the bundled data, and what find_package(kerata) and pkg-config read.
include(CMakePackageConfigHelpers)
set(KERATA_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/kerata)

install(TARGETS kerata EXPORT kerata-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(KERATA_BUILD_CLI)
  install(TARGETS kerata_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(EXPORT kerata-targets NAMESPACE kerata:: DESTINATION ${KERATA_CMAKE_DIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/kerata DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(folder mnist fashion_mnist imdb california_housing)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/data/${folder} DESTINATION ${CMAKE_INSTALL_DATADIR}/kerata/data)
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/examples/data/README.md DESTINATION ${CMAKE_INSTALL_DATADIR}/kerata/data)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/src/plot/font/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME LICENSE.font)

# A program that links the static library links these too.
set(KERATA_STATIC_DEPENDENCIES "")
if(NOT BUILD_SHARED_LIBS)
  string(APPEND KERATA_STATIC_DEPENDENCIES "find_dependency(ZLIB)\n")
  if(KERATA_THREADS STREQUAL "OPENMP")
    string(APPEND KERATA_STATIC_DEPENDENCIES "find_dependency(OpenMP COMPONENTS CXX)\n")
  else()
    string(APPEND KERATA_STATIC_DEPENDENCIES "find_dependency(Threads)\n")
  endif()
  if(KERATA_HAS_ONEDNN)
    string(APPEND KERATA_STATIC_DEPENDENCIES "find_dependency(dnnl CONFIG)\n")
  endif()
endif()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/kerata-config.cmake.in
  ${PROJECT_BINARY_DIR}/kerata-config.cmake INSTALL_DESTINATION ${KERATA_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/kerata-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/kerata-config.cmake ${PROJECT_BINARY_DIR}/kerata-config-version.cmake
  DESTINATION ${KERATA_CMAKE_DIR})

get_filename_component(KERATA_HDF5_NAME ${KERATA_HDF5_LIBRARY} NAME_WE)  # libhdf5_serial or libhdf5
string(REGEX REPLACE "^lib" "-l" KERATA_HDF5_NAME ${KERATA_HDF5_NAME})
set(KERATA_PC_PRIVATE "-lz -lopenblas ${KERATA_HDF5_NAME}")
if(KERATA_HAS_ONEDNN)
  string(APPEND KERATA_PC_PRIVATE " -ldnnl")
endif()
if(KERATA_THREADS STREQUAL "OPENMP")
  string(APPEND KERATA_PC_PRIVATE " ${OpenMP_CXX_FLAGS}")
else()
  string(APPEND KERATA_PC_PRIVATE " -pthread")
endif()
if(BUILD_SHARED_LIBS)
  set(KERATA_PC_LIBS "-lkerata")
else()
  set(KERATA_PC_LIBS "-lkerata ${KERATA_PC_PRIVATE}")
endif()
file(RELATIVE_PATH KERATA_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/kerata.pc.in ${PROJECT_BINARY_DIR}/kerata.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/kerata.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
