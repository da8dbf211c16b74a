#!/usr/bin/env bash
# Builds and tests Kerata: bash tests/run.sh [MODE...]. Missing Debian packages are installed first (as root or by sudo).
#   release   optimized build, whole suite (the default)
#   asan      whole suite under AddressSanitizer and UndefinedBehaviorSanitizer
#   tsan      the tests labelled threads under ThreadSanitizer
#   clang     Clang 14 without a warning, and what must not compile
#   native    whole suite without oneDNN
#   consumer  programs that use the installed library: shared and static, find_package, pkg-config, add_subdirectory
#   keras     real Keras opens what Kerata writes, and Kerata a large model of its (KERATA_SKIP_KERAS=1: leave it out
#             where Keras cannot be installed; KERATA_KERAS_BACKEND=tensorflow: on that back end in place of jax)
# KERATA_JOBS: parallel compilers (all cores). KERATA_WERROR=ON: warnings are errors. KERATA_BUILD_DIR: build/ by default.
set -euo pipefail
cd "$(dirname "$0")/.."
source tests/packages.sh
jobs=${KERATA_JOBS:-$(nproc)}
build=${KERATA_BUILD_DIR:-$PWD/build}


configure() { # configure PRESET [options]: in $build/PRESET, or where a later -B says
  local preset=$1; shift
  cmake --preset "$preset" -B "$build/$preset" -G Ninja -DKERATA_WERROR="${KERATA_WERROR:-OFF}" "${launcher[@]}" "$@"
}
build_all() { cmake --build "$build/$1" -j "$jobs"; }
run_tests() { # run_tests PRESET [ctest options]
  local preset=$1; shift
  ctest --test-dir "$build/$preset" --output-on-failure --no-tests=error -j "$jobs" "$@"
}

# Tests that pass print nothing here: how many files of Keras and how many hostile ones they read (they fail below 80
# and 60). Their absence from the log is an error.
print_counts() { # print_counts BUILD
  grep "^golden models read: " "$build/$1/Testing/Temporary/LastTest.log"
  grep "^hostile files refused: " "$build/$1/Testing/Temporary/LastTest.log"
}

# One command a line: a failure in the middle of an && list would not end the script.
release() {
  configure release
  build_all release
  run_tests release
  print_counts release
}

# In the build of the mode release: only the folder of kernels is another, so all other objects stay.
native() {
  configure native -B "$build/release"
  build_all release
  run_tests release -LE compiler
}

asan() {
  configure asan -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1"
  build_all asan
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1 LSAN_OPTIONS=suppressions=$PWD/tests/support/lsan.supp
  # The emulated GPU switches stacks and closes memory in ways that the sanitizers do not follow.
  run_tests asan -LE "timing|compiler|cuda"
  print_counts asan
}

tsan() {
  configure tsan -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1"
  local names
  names=$(ctest --test-dir "$build/tsan" -N -L threads | awk '/Test +#/ {print $NF}')
  # shellcheck disable=SC2086
  cmake --build "$build/tsan" -j "$jobs" --target $names
  export OPENBLAS_NUM_THREADS=1 TSAN_OPTIONS="suppressions=$PWD/tests/support/tsan.supp halt_on_error=1"
  run_tests tsan -L threads
}

clang() {
  install_packages clang libomp-dev
  configure clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0
  build_all clang
  run_tests clang -L compiler -LE cuda
}

consumer() {
  install_packages pkg-config
  for kind in shared static; do
    # Builds as deep in the tree as the other modes', so that ccache finds their objects.
    local root=$build/consumer/$kind library=$build/consumer_$kind on=OFF
    if [ $kind = shared ]; then on=ON; fi
    configure package -B "$library" -DBUILD_SHARED_LIBS=$on -DKERATA_ARCH=native -DCMAKE_INSTALL_PREFIX="$root/prefix" \
      -DCMAKE_INSTALL_LIBDIR=lib
    cmake --build "$library" -j "$jobs"
    cmake --install "$library" >/dev/null
    echo "== find_package, $kind"
    cmake -S tests/consumer/find_package -B "$root/find_package" -G Ninja -DCMAKE_PREFIX_PATH="$root/prefix"
    cmake --build "$root/find_package"
    "$root/find_package/consumer"
    echo "== pkg-config, $kind"
    # shellcheck disable=SC2046
    ${CXX:-g++} tests/consumer/consumer.cpp -o "$root/consumer" \
      $(PKG_CONFIG_PATH="$root/prefix/lib/pkgconfig" pkg-config --cflags --libs kerata) -Wl,-rpath,"$root/prefix/lib"
    "$root/consumer"
  done
  echo "== add_subdirectory"
  cmake -S tests/consumer/add_subdirectory -B "$build/consumer_sub" -G Ninja -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DKERATA_WERROR="${KERATA_WERROR:-OFF}" "${launcher[@]}"
  cmake --build "$build/consumer_sub" -j "$jobs"
  "$build/consumer_sub/consumer"
}

keras() {
  if [ "${KERATA_SKIP_KERAS:-}" = 1 ]; then
    echo "Skipped: Keras does not open Kerata's files in this run (KERATA_SKIP_KERAS=1)."
    return
  fi
  install_packages python3-venv
  local venv=$build/keras/venv files=$build/keras/files
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install -q -r tests/golden/requirements.txt; }; then
    echo "Keras cannot be installed. Hint: KERATA_SKIP_KERAS=1 leaves this part out." >&2
    return 1
  fi
  configure release
  cmake --build "$build/release" -j "$jobs" --target write_for_keras load_large
  rm -rf "$files"
  "$build/release/tests/interchange/write_for_keras" "$files"
  export KERAS_BACKEND=${KERATA_KERAS_BACKEND:-jax} JAX_PLATFORMS=cpu TF_CPP_MIN_LOG_LEVEL=3
  "$venv/bin/python" tests/interchange/open_in_keras.py "$files"
  "$venv/bin/python" tests/interchange/make_large.py "$files"
  "$build/release/tests/interchange/load_large" "$files/large.keras" "$files/large.npz"
}

install_packages $KERATA_PACKAGES
for mode in "${@:-release}"; do
  case $mode in
    release | asan | tsan | clang | native | consumer | keras)
      echo "==== $mode"
      # A subshell keeps one mode's settings from the next; set -e holds in it because nothing tests its status here.
      (set -e; $mode)
      ;;
    *) sed -n '2,11s/^# //p' "$0" >&2; exit 2 ;;
  esac
done
echo "All passed: ${*:-release}"
