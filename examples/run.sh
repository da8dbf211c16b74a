#!/usr/bin/env bash
# Builds Kerata and runs one example: bash examples/run.sh [NAME]. Without a name: mnist_functional, the first one to see.
# Missing Debian packages are installed first (as root or by sudo). Names: the .cpp files of this folder.
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:-mnist_functional}
if [ ! -f "examples/$name.cpp" ]; then
  echo "There is no example $name. There are:" examples/*.cpp >&2
  exit 2
fi
source tests/packages.sh
install_packages $KERATA_PACKAGES
build=${KERATA_BUILD_DIR:-$PWD/build}/examples
echo "Building Kerata in $build (the first time takes a few minutes)"
cmake --preset release -B "$build" -G Ninja -DKERATA_BUILD_TESTS=OFF -DKERATA_BUILD_BENCHMARKS=OFF "${launcher[@]}" >/dev/null
cmake --build "$build" -j "${KERATA_JOBS:-$(nproc)}" --target "$name" -- --quiet
exec "$build/examples/$name"
