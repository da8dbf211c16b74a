#!/usr/bin/env bash
# Runs what tests/gpu_bundle.sh packed: bash run.sh [tests|bench WORKLOAD...]. Prints which libraries it found, then one line
# for each test, and the benchmarks' JSON lines. Exit status 1: a test failed; 3: no GPU or no NVRTC.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export KERATA_GOLDEN_DIR=$here/golden KERATA_GOLDEN_READ_DIR=$here/read KERATA_CACHE_DIR=${KERATA_CACHE_DIR:-$here/kernels}
mkdir -p "$here/read" "$here/logs"

# Folders that may hold CUDA's libraries: named ones, the loader's, the toolkit's, those of Python's packages.
folders() {
  tr ':' '\n' <<<"${KERATA_CUDA_LIBRARIES:-}"
  ldconfig -p 2>/dev/null | awk '$NF ~ /^\// {print $NF}' | xargs -r -n1 dirname
  echo /usr/local/cuda/lib64
  python3 -c 'import glob, site
for root in site.getsitepackages() + [site.getusersitepackages()]:
    print("\n".join(glob.glob(root + "/nvidia/*/lib")))' 2>/dev/null
}
find_library() { # find_library NAME...
  local folder name
  while read -r folder; do
    for name in "$@"; do [ -e "$folder/$name" ] && { echo "$folder/$name"; return; }; done
  done < <(folders | awk 'NF && !seen[$0]++')
}

status=0 found=()
report() { # report WHAT needed|optional NAME...
  local path
  path=$(find_library "${@:3}")
  echo "$1: ${path:-not found}"
  if [ -n "$path" ]; then found+=("$(dirname "$path")"); elif [ "$2" = needed ]; then status=3; fi
}
report "driver" needed libcuda.so.1
report "NVRTC" needed libnvrtc.so.13 libnvrtc.so.12
report "cuBLASLt" optional libcublasLt.so.13 libcublasLt.so.12
report "cuDNN" optional libcudnn.so.9
[ $status = 0 ] || exit $status
KERATA_CUDA_LIBRARIES=$(IFS=:; echo "${found[*]}")
export KERATA_CUDA_LIBRARIES
command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader

run_test() { # run_test LABEL BINARY [options], the device's variables set by the caller
  local label=$1 log=$here/logs/$1.log seconds=$SECONDS
  if "$here/bin/$2" "${@:3}" >"$log" 2>&1; then
    echo "passed $label ($((SECONDS - seconds)) s, $(grep -c '^\[       OK' "$log") tests)"
  else
    echo "FAILED $label ($((SECONDS - seconds)) s): $(grep '^\[  FAILED  \]' "$log" | sort -u | head -5 | tr '\n' ' ')"
    grep -m3 -A6 'Failure' "$log"
    status=1
  fi
}
tests() {
  local name
  for name in "$here"/bin/cuda_*_test; do run_test "$(basename "$name")" "$(basename "$name")"; done
  KERATA_TEST_DEVICE=cuda run_test conformance ops_test --gtest_filter='*Conformance*/*'
  KERATA_DEVICE=cuda run_test training training_golden_test --gtest_filter='GoldenRuns.*'
}
bench() {
  local workload
  for workload in "$@"; do
    printf '\n\n\n' | KERATA_DEVICE=cuda "$here/bin/kerata_bench" kerata "$workload" || status=1
  done
}
mode=${1:-tests}
[ $# -gt 0 ] && shift
case $mode in
  tests) tests ;;
  bench) bench "${@:-fashion_mlp}" ;;
  *) sed -n '2,3s/^# //p' "$0" >&2; exit 2 ;;
esac
exit $status
