#!/usr/bin/env bash
# Runs what tests/gpu_bundle.sh packed, and writes results.jsonl, table.md, profile.txt and logs.tar.gz to $OUT (results/
# beside this file without it):
#     bash run.sh tests                  one line for each test
#     bash run.sh bench [WORKLOAD...]    Kerata and its peers (PyTorch, JAX) in turn, JSON lines and their table
#     bash run.sh peers [WORKLOAD...]    the peers alone
#     bash run.sh profile [WORKLOAD...]  the GPU's limits, and its time, GB/s and GFLOP/s for each kernel of an epoch
#     bash run.sh sanitize               compute-sanitizer on the kernels' tests: memcheck, racecheck, synccheck
#     bash run.sh all                    tests, bench, and sanitize in the last quarter of the time
# LIMIT=540: seconds after which nothing is begun. Also ROUNDS (3), BENCH_SECONDS of a repeat (1), BENCH_STEPS (of an epoch,
# at most), BENCH_PEERS ("torch jax+scan"), BENCH_TF32 (1), PATIENCE with one step of a peer (150 s), and PYTHON (python3).
# Exit status 1: something failed; 3: no GPU or no NVRTC. A peer that is not there is a line with "failed".
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${OUT:-$here/results} logs=$here/logs
limit=${LIMIT:-540}
export KERATA_GOLDEN_DIR=$here/golden KERATA_GOLDEN_READ_DIR=$here/read KERATA_CACHE_DIR=${KERATA_CACHE_DIR:-$here/kernels}
export KERATA_DATA_DIR=$here/data
mkdir -p "$here/read" "$logs" "$out"

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

# The packed libraries are for Kerata's programs only: Python brings its own.
with_libraries() { LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} "$@"; }

run_test() { # run_test LABEL BINARY [options], the device's variables set by the caller
  local label=$1 log=$logs/$1.log seconds=$SECONDS
  if with_libraries timeout 300 "$here/bin/$2" "${@:3}" >"$log" 2>&1; then
    echo "passed $label ($((SECONDS - seconds)) s, $(grep -c '^\[       OK' "$log") tests)"
  else
    echo "FAILED $label ($((SECONDS - seconds)) s): $(grep '^\[  FAILED  \]' "$log" | sort -u | head -5 | tr '\n' ' ')"
    grep -m3 -A6 'Failure' "$log" || tail -3 "$log"
    status=1
  fi
}
tests() {
  local name
  for name in cuda_calls_test cuda_joined_test; do
    KERATA_CUDA_LOG=$out/$name.calls run_test "$name" "$name"
  done
  # Small products are our own where launches are joined; so these tests would not reach cuBLASLt's.
  for name in "$here"/bin/cuda_*_test; do
    name=$(basename "$name")
    [[ $name =~ cuda_(calls|joined)_test ]] || KERATA_JOIN_LAUNCHES=0 run_test "$name" "$name"
  done
  KERATA_TEST_DEVICE=cuda run_test conformance ops_test --gtest_filter='*Conformance*/*'
  KERATA_DEVICE=cuda run_test compile compile_test --gtest_filter='Fused.*:Half.*:NarrowHalves.*:*ScanMemory*'
  KERATA_DEVICE=cuda run_test training training_golden_test --gtest_filter='GoldenRuns.*'
  for name in layers_check_test layers_golden_test optimizers_test training_threads_test; do
    KERATA_DEVICE=cuda run_test "$name" "$name"
  done
  # Without cuDNN and cuBLASLt, and each launch by itself: the kernels that these stand in for above.
  for name in cuda_products_test cuda_program_test; do
    KERATA_JOIN_LAUNCHES=0 KERATA_CUDA_LIBRARIES=$here/without:$KERATA_CUDA_LIBRARIES run_test "own_$name" "$name"
  done
}

# The targets: every network at three batch sizes, in float32 and bfloat16; what says most comes first.
all_workloads() {
  local batch form network
  echo xor_b1 xor_b4 fashion_mlp
  for batch in 256 32 2048; do
    for form in "" +bf16; do
      for network in fashion_mlp mnist_cnn resnet imdb_lstm mlp_mixer mnist_mlp batchnorm_mlp wide_deep; do
        echo "$network@$batch$form"
      done
    done
  done
  echo predict_one_mlp predict_one_cnn predict_bulk
}
compare() { # compare UNTIL PEERS-OPTION KERATA|"" WORKLOAD...: bench.py for one workload after the other
  local until=$1 peers=$2 kerata=$3 python=${PYTHON:-python3} workload
  shift 3
  [ $# -gt 0 ] || set -- $(all_workloads)
  touch "$out/results.jsonl"
  for workload in "$@"; do
    [ $SECONDS -lt "$until" ] || { echo "out of time before $workload"; break; }
    KERATA_DEVICE=${KERATA_DEVICE:-cuda} BENCH_DEVICE=${BENCH_DEVICE:-cuda} BENCH_SECONDS=${BENCH_SECONDS:-1} \
      "$python" "$here/bench/bench.py" --venv torch="$(command -v "$python")" --venv keras="$(command -v "$python")" \
      ${kerata:+--bin kerata="$here/kerata_bench"} ${peers:+--peers "$peers"} --workloads "$workload" \
      --rounds "${ROUNDS:-3}" --retries 1 --patience "${PATIENCE:-150}" --logs "$logs" --out "$out/results.jsonl" ||
      { echo "FAILED $workload"; status=1; }
  done
  "$python" "$here/bench/table.py" "$out/results.jsonl" | tee "$out/table.md"
}
peer_versions() {
  local name
  for name in torch jax; do
    "${PYTHON:-python3}" -c "import $name; print('$name', $name.__version__)" 2>/dev/null || echo "$name: not found"
  done
}
bench() { # bench UNTIL WORKLOAD...
  peer_versions
  compare "$1" "${BENCH_PEERS:+kerata,${BENCH_PEERS// /,}}" kerata "${@:2}"
}
peers() { # peers UNTIL WORKLOAD...
  peer_versions
  compare "$1" "${BENCH_PEERS// /,}" "" "${@:2}"
}
profile() {
  local workload
  "${PYTHON:-python3}" "$here/bench/peers/torch_limits.py" 2>"$logs/limits.log" | tee -a "$out/profile.txt" ||
    echo "no limits: $(tail -1 "$logs/limits.log")" | tee -a "$out/profile.txt"
  for workload in "$@"; do
    echo "== $workload" | tee -a "$out/profile.txt"
    KERATA_PROFILE=1 KERATA_DEVICE=${KERATA_DEVICE:-cuda} "$here/kerata_bench" kerata "$workload" </dev/null |
      tee -a "$out/profile.txt" || status=1
  done
}

sanitize() {
  local program tool name log seconds code
  program=$(command -v compute-sanitizer || ls -1 /usr/local/cuda*/bin/compute-sanitizer /opt/nvidia/*/compute-sanitizer \
    /usr/local/cuda*/compute-sanitizer/compute-sanitizer 2>/dev/null | head -1)
  [ -n "$program" ] || { echo "compute-sanitizer: not found"; return; }
  for tool in memcheck racecheck synccheck; do
    for name in "$here"/bin/cuda_*_test; do
      name=$(basename "$name") seconds=$SECONDS
      [ $SECONDS -lt "$limit" ] || { echo "out of time before $tool $name"; return; }
      log=$logs/$tool.$name.log
      # Calls that fail are part of the tests.
      with_libraries timeout $((limit - SECONDS + 20)) "$program" --tool "$tool" --report-api-errors no \
        --error-exitcode 99 --print-limit 20 "$here/bin/$name" >"$log" 2>&1
      code=$?
      case $code in
        0) echo "clean $tool $name ($((SECONDS - seconds)) s)" ;;
        124) echo "stopped $tool $name ($((SECONDS - seconds)) s)" ;;
        *) echo "FAILED $tool $name (exit status $code)"
           grep -m12 -E '^=========|^\[  FAILED' "$log"
           status=1 ;;
      esac
    done
  done
}

mode=${1:-tests}
[ $# -gt 0 ] && shift
case $mode in
  tests) tests ;;
  bench) bench "$limit" "$@" ;;
  peers) peers "$limit" "$@" ;;
  profile) profile "${@:-fashion_mlp}" ;;
  sanitize) sanitize ;;
  all) tests; bench $((limit * 3 / 4)) "$@"; sanitize ;;
  *) sed -n '2,14s/^# //p' "$0" >&2; exit 2 ;;
esac
tar -C "$logs" -czf "$out/logs.tar.gz" .
exit $status
