# What the library is built on; a missing package is named as Debian calls it.
function(kerata_require found what package)
  if(NOT ${found})
    message(FATAL_ERROR "Kerata needs ${what}. On Debian: apt-get install ${package}")
  endif()
endfunction()

find_package(Eigen3 3.4 QUIET NO_MODULE)
kerata_require(Eigen3_FOUND "Eigen 3.4" libeigen3-dev)

find_package(ZLIB QUIET)
kerata_require(ZLIB_FOUND "zlib" zlib1g-dev)

find_library(KERATA_OPENBLAS_LIBRARY NAMES openblas PATH_SUFFIXES openblas-openmp)
find_path(KERATA_OPENBLAS_INCLUDE cblas.h PATH_SUFFIXES openblas openblas-openmp x86_64-linux-gnu x86_64-linux-gnu/openblas-openmp)
kerata_require(KERATA_OPENBLAS_LIBRARY "OpenBLAS" libopenblas-openmp-dev)
kerata_require(KERATA_OPENBLAS_INCLUDE "OpenBLAS's cblas.h" libopenblas-openmp-dev)

# The serial library, C API only.
find_path(KERATA_HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial)
find_library(KERATA_HDF5_LIBRARY NAMES hdf5_serial hdf5)
kerata_require(KERATA_HDF5_INCLUDE "HDF5's hdf5.h (the serial library)" libhdf5-dev)
kerata_require(KERATA_HDF5_LIBRARY "HDF5 (the serial library)" libhdf5-dev)

if(KERATA_THREADS STREQUAL "OPENMP")
  find_package(OpenMP QUIET COMPONENTS CXX)
  kerata_require(OpenMP_CXX_FOUND "OpenMP" "libgomp1 (GCC) or libomp-14-dev (Clang)")
else()
  find_package(Threads REQUIRED)
endif()

set(KERATA_HAS_ONEDNN OFF)
if(NOT KERATA_ONEDNN STREQUAL "OFF")
  find_package(dnnl QUIET CONFIG)
  if(dnnl_FOUND)
    set(KERATA_HAS_ONEDNN ON)
  elseif(KERATA_ONEDNN STREQUAL "ON")
    kerata_require(dnnl_FOUND "oneDNN" "libdnnl-dev ocl-icd-opencl-dev")
  else()
    message(STATUS "Kerata: oneDNN not found (apt-get install libdnnl-dev ocl-icd-opencl-dev); the native kernels are used")
  endif()
endif()

if(KERATA_BUILD_CLI)
  find_path(KERATA_CLI11_INCLUDE CLI/CLI.hpp)
  kerata_require(KERATA_CLI11_INCLUDE "CLI11 (for the kerata program; or -DKERATA_BUILD_CLI=OFF)" libcli11-dev)
endif()

# What the library links, besides its own code.
set(KERATA_LIBRARIES ZLIB::ZLIB ${KERATA_OPENBLAS_LIBRARY} ${KERATA_HDF5_LIBRARY})
if(KERATA_THREADS STREQUAL "OPENMP")
  list(APPEND KERATA_LIBRARIES OpenMP::OpenMP_CXX)
else()
  list(APPEND KERATA_LIBRARIES Threads::Threads)
endif()
if(KERATA_HAS_ONEDNN)
  list(APPEND KERATA_LIBRARIES DNNL::dnnl)
endif()
