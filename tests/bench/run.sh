#!/usr/bin/env bash
# Measures Kerata beside its peers in one run, interleaved, and prints the ratios:
#     bash tests/bench/run.sh FOLDER [WORKLOAD...]
# FOLDER takes the peers' virtual environments (made on the first run, from PyPI), logs and results.jsonl. Peers: Keras on
# TensorFlow, JAX and PyTorch, PyTorch eager and compiled, JAX written by hand, libtorch, ONNX Runtime. Without workloads:
# all that Kerata runs. ROUNDS=5: repeats of each. KERATA_BENCH: another binary. KERATA_DATA_DIR: complete data sets.
# BENCH_PEERS="keras-jax torch ...": fewer peers. Use a quiet machine; compare only lines of one run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
[ $# -gt 0 ] || { sed -n '2,8s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$1/logs"
dir=$(cd "$1" && pwd)
shift

if [ -z "${KERATA_BENCH:-}" ]; then
  source "$repo/tests/packages.sh"
  install_packages $KERATA_PACKAGES
  build=${KERATA_BUILD_DIR:-$repo/build}/release
  (cd "$repo" && cmake --preset release -B "$build" -G Ninja >/dev/null)
  cmake --build "$build" -j "${KERATA_JOBS:-$(nproc)}" --target kerata_bench -- --quiet
  KERATA_BENCH=$build/tests/bench/kerata_bench
fi

make_venv() {
  [ -x "$dir/$1/bin/python" ] && return
  python3 -m venv "$dir/$1"
  "$dir/$1/bin/pip" install -q "${@:2}"
}
make_venv keras-venv keras tensorflow-cpu jax onnxruntime onnx
make_venv torch-venv torch numpy keras

bins=(--bin "kerata=$KERATA_BENCH")
if [ ! -x "$dir/libtorch_bench" ]; then
  bash "$here/peers/build_libtorch.sh" "$dir/torch-venv" "$dir/libtorch_bench" || echo "libtorch is left out" >&2
fi
[ -x "$dir/libtorch_bench" ] && bins+=(--bin "libtorch=$dir/libtorch_bench")

workloads=("$@")
[ $# -gt 0 ] || workloads=(xor_b1 xor_b4 fashion_mlp mnist_mlp batchnorm_mlp wide_deep mnist_cnn resnet mlp_mixer imdb_lstm
                           predict_one_mlp predict_one_cnn predict_bulk startup load_model)
out=$dir/results.jsonl
: >"$out"
for workload in "${workloads[@]}"; do
  python3 "$here/bench.py" --venv keras="$dir/keras-venv" --venv torch="$dir/torch-venv" "${bins[@]}" \
    --logs "$dir/logs" --rounds "${ROUNDS:-5}" --out "$out" --workloads "$workload" \
    ${BENCH_PEERS:+--peers "kerata,${BENCH_PEERS// /,}"} || echo "failed: $workload" >&2
done
if [ ! -x "$dir/limits" ]; then
  g++ -O3 -march=native -std=c++17 "$here/peers/limits.cpp" -o "$dir/limits" -lopenblas -ldnnl -fopenmp \
    -I/usr/include/x86_64-linux-gnu/openblas-openmp || echo "the compute floor is left out" >&2
fi
[ -x "$dir/limits" ] && OMP_NUM_THREADS=2 "$dir/limits" >>"$out"
python3 "$here/table.py" "$out"
