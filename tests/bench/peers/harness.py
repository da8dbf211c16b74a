"""What a benchmark worker says to bench.py: JSON objects, one a line, after '@'.

A worker is started as `worker PEER WORKLOAD`. It builds, runs its first fit
(or call), prints that as one object, then {"ready": 1}; then, for every line it
reads from standard input, it runs one repeat and prints one object of
quantities; at end of input it prints {"peak_rss_mb": ...}. All quantities are
"lower is better". A worker in any language can join by doing the same.
"""
import json
import math
import os
import sys
import time


def emit(**quantities):
    print("@" + json.dumps(quantities), flush=True)


def peak_rss_mb():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024


def timed(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def serve(first, repeat):
    emit(**first())
    emit(ready=1)
    for _ in sys.stdin:
        emit(**repeat())
    emit(peak_rss_mb=peak_rss_mb())


def repetitions(work):
    """How often a repeat must do its work to take BENCH_SECONDS; 1 without."""
    wanted, count = float(os.environ.get("BENCH_SECONDS", 0)), 1
    while wanted > 0:
        time = timed(lambda: work(count))
        if time >= wanted:
            break
        count = math.ceil(count * min(10, 1.1 * wanted / time))
    return count


def serve_training(w, fit, gpu_seconds=None):
    """fit() trains `w.steps` batches and returns when they are done; what it returns is the first fit's loss, if any.
    gpu_seconds(work): does the work and returns how long it took by a GPU's clock."""
    epochs = 1

    def fits(count):
        for _ in range(count):
            fit()

    def first():
        nonlocal epochs
        start = time.perf_counter()
        loss = fit()
        loss = loss[0] if isinstance(loss, tuple) else loss
        quantities = {"first_fit_s": time.perf_counter() - start}
        epochs = repetitions(fits)
        return quantities if loss is None else {**quantities, "first_loss": float(loss)}

    def repeat():
        gpu, work = [], lambda: fits(epochs)
        wall = timed((lambda: gpu.append(gpu_seconds(work))) if gpu_seconds else work)
        ms = lambda seconds: seconds / w.steps / epochs * 1e3
        return {"step_ms": ms(wall), **({"step_gpu_ms": ms(gpu[0])} if gpu else {})}
    serve(first, repeat)


def serve_calls(n, calls):
    """calls: quantity name -> function of a row number; reports ms per call."""
    def first():
        return {k + "_first_s": timed(lambda: f(0)) for k, f in calls.items()}

    def repeat():
        return {k + "_ms": timed(lambda: [f(i) for i in range(n)]) / n * 1e3 for k, f in calls.items()}
    serve(first, repeat)
