# Sourced by the scripts: the Debian packages that Kerata is built with, how missing ones are installed, and CMake's options
# for ccache (launcher).
# ocl-icd-opencl-dev: oneDNN's CMake package asks for it.
KERATA_PACKAGES="g++ cmake ninja-build libeigen3-dev libopenblas-openmp-dev zlib1g-dev libhdf5-dev libdnnl-dev ocl-icd-opencl-dev
  libcli11-dev libgtest-dev libgmock-dev nlohmann-json3-dev"

install_packages() { # install_packages NAME...
  command -v dpkg-query >/dev/null || return 0 # another system: CMake names what is missing
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local sudo=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "Missing packages; run as root: apt-get install ${missing[*]}" >&2; return 1; }
    sudo=(sudo)
  fi
  echo "Installing ${missing[*]}"
  "${sudo[@]}" apt-get update -q >/dev/null
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}

launcher=()
if command -v ccache >/dev/null; then
  launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  # Else ccache passes by what uses a precompiled header.
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
fi
