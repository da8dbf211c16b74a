"""What a GPU can do at most, as PyTorch reaches it: GB/s of a large copy, GFLOP/s of large products. The yardstick for the
columns of Kerata's profile."""
import torch


def seconds(work, repeats=5):
    """The fastest of the repeats by the GPU's clock."""
    times = []
    for _ in range(repeats + 2):  # two to warm up
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end) / 1e3)
    return min(times[2:])


def main():
    print(torch.cuda.get_device_name(), "PyTorch", torch.__version__)
    source = torch.zeros(2**28, device="cuda")
    target = torch.empty_like(source)
    print(f"copy of 1 GiB: {2 * 4 * 2**28 / seconds(lambda: target.copy_(source)) / 1e9:.0f} GB/s")
    n = 8192
    for name, dtype, precision in (("float32", torch.float32, "highest"), ("TF32", torch.float32, "high"),
                                   ("bfloat16", torch.bfloat16, "highest")):
        torch.set_float32_matmul_precision(precision)
        a, b = (torch.randn(n, n, device="cuda", dtype=dtype) for _ in range(2))
        print(f"product of {n} x {n} in {name}: {2 * n**3 / seconds(lambda: a @ b) / 1e9:.0f} GFLOP/s")


if __name__ == "__main__":
    main()
