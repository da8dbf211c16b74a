# Sourced by the scripts: the Debian packages that Kerata is built with, and how missing ones are installed.
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
