#!/usr/bin/env bash
# Packs the tests and benchmarks of the GPUs' back end for another machine, which needs a driver, NVRTC and bash only (and
# Python with PyTorch and JAX for the benchmarks' peers):
#     bash tests/gpu_bundle.sh FOLDER      writes FOLDER/kerata_gpu.tar.xz
# There: tar xf kerata_gpu.tar.xz (or python3 -m tarfile -e kerata_gpu.tar.xz) && bash kerata_gpu/run.sh MODE; its first lines
# name the modes. For x86-64-v3, without oneDNN; the kernels are compiled there, for the GPU that is there. KERATA_JOBS:
# parallel compilers. KERATA_BUILD_DIR: build/ by default.
set -euo pipefail
[ $# -eq 1 ] || { sed -n '2,7s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$1"
target=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
source tests/packages.sh
install_packages $KERATA_PACKAGES xz-utils
build=${KERATA_BUILD_DIR:-$PWD/build}/gpu_bundle
tests=(cuda_calls_test cuda_elementwise_test cuda_program_test cuda_reduce_test cuda_nn_test cuda_random_test cuda_optimizer_test
       cuda_moves_test cuda_products_test cuda_sequences_test cuda_joined_test cuda_cublaslt_test cuda_cudnn_test cuda_cudnn_plans_test
       ops_test compile_test layers_check_test layers_golden_test optimizers_test training_golden_test
       training_threads_test)

cmake --preset native -B "$build" -G Ninja -DKERATA_ARCH=x86-64-v3 -DKERATA_CUDA=ON "${launcher[@]}" >/dev/null
cmake --build "$build" -j "${KERATA_JOBS:-$(nproc)}" --target "${tests[@]}" kerata_bench

folder=$target/kerata_gpu
rm -rf "$folder"
mkdir -p "$folder/bin" "$folder/lib" "$folder/golden" "$folder/bench"
for name in "${tests[@]}" kerata_bench; do
  cp "$(find "$build/tests" -type f -name "$name" -perm -u+x)" "$folder/bin/"
  strip "$folder/bin/$name"
done
# All shared libraries but the C library's own, which belong to the machine.
for program in "$folder"/bin/*; do ldd "$program" | awk '$3 ~ /^\// {print $3}'; done | sort -u |
  grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv|ld-linux[^/]*)\.so' | while read -r library; do
    cp -L "$library" "$folder/lib/"
  done
cp tests/golden/*.json tests/golden/*.npz tests/golden/*.tar.gz "$folder/golden/"
cp -r tests/bench/bench.py tests/bench/table.py tests/bench/peers "$folder/bench/"
cp -r examples/data "$folder/data"
cp tests/gpu_bundle_run.sh "$folder/run.sh"
# Libraries without functions, which hide NVIDIA's.
mkdir "$folder/without"
for name in libcudnn.so.9 libcublasLt.so.13 libcublasLt.so.12; do
  "${CC:-cc}" -shared -o "$folder/without/$name" -x c /dev/null
done
cat >"$folder/kerata_bench" <<'END'
#!/usr/bin/env bash
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} exec "$here/bin/kerata_bench" "$@"
END
chmod +x "$folder/kerata_bench"
tar -C "$target" -cf - kerata_gpu | xz -6 -T0 >"$target/kerata_gpu.tar.xz"
du -h "$target/kerata_gpu.tar.xz"
