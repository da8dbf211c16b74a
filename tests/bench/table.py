"""Prints what bench.py and limits wrote as tables: workload x peer, and each against the best.

    python table.py RESULTS.jsonl... [--me kerata] [--min]

A cell is the median (or, with --min, the best repeat) in ms, with the option of the configuration
that was fastest; ~ marks a median more than 20 % above the best repeat (a disturbed or uneven
measurement). Of several runs the median of their medians counts, so that measuring a peer more
often does not help it.
The last columns: the fastest peer, its steps/s, the compute floor (the fastest of limits.cpp) and,
once it is there, --me as a multiple of the fastest other peer's time (below 1: faster). Below
the table of steps: the geometric mean of fastest / --me (above 1: faster).
"""
import argparse
import json
import math
import statistics

parser = argparse.ArgumentParser()
parser.add_argument("files", nargs="+")
parser.add_argument("--me", default="kerata")
parser.add_argument("--min", action="store_true")
args = parser.parse_args()

medians, least, failed = {}, {}, {}
for file in args.files:
    for line in open(file):
        r = json.loads(line)
        if r["quantity"] == "failed":
            failed[r["workload"], r["peer"]] = r["reason"]
            continue
        failed.pop((r["workload"], r["peer"]), None)
        at = r["quantity"], r["workload"], r["peer"]
        medians.setdefault(at, []).append(r["median"])
        least[at] = min(least.get(at, r["min"]), r["min"])
rows, uneven = {}, set()  # (quantity, workload) -> peer -> value
for (quantity, workload, peer), values in medians.items():
    at = quantity, workload, peer
    median = statistics.median(values)
    rows.setdefault((quantity, workload), {})[peer] = least[at] if args.min else median
    if not args.min and median > 1.2 * least[at]:
        uneven.add(at)

family = lambda peer: peer.split("+")[0]
number = lambda v: f"{v:.3g}" if v < 1000 else f"{v:.0f}"


def table(title, columns, lines):
    print(f"\n## {title}\n\n| " + " | ".join(columns) + " |\n|" + " --- |" * len(columns))
    for line in lines:
        print("| " + " | ".join(line) + " |")


def best_of(cells):  # per family its fastest configuration
    best = {}
    for peer, v in cells.items():
        if family(peer) not in best or v < best[family(peer)][0]:
            best[family(peer)] = (v, peer)
    return best


order = ["keras-tf", "keras-jax", "keras-torch", "torch", "jax", "ort", "libtorch", args.me]
titles = {"step_ms": "Training, ms per step (fastest configuration of each peer)",
          "step_gpu_ms": "Training, ms per step by the GPU's clock",
          "forward_ms": "Forward pass, ms per call", "first_fit_s": "First fit with compile, s",
          "ready_s": "Process start to ready, s", "peak_rss_mb": "Peak memory, MB", "first_loss": "Loss of the first fit", "size_mb": "Installed size, MB"}
for q in list(titles):
    gains = {}  # workload -> fastest other peer / me
    lines, peers = [], [p for p in order if any(p in best_of(c) for (k, _), c in rows.items() if k == q)]
    for (k, workload), cells in rows.items():
        if k != q:
            continue
        limits = {p: v for p, v in cells.items() if p.startswith("limit")}
        best = best_of({p: v for p, v in cells.items() if p not in limits})
        others = {p: b for p, b in best.items() if p != args.me}
        if not others:
            continue
        value, winner = min(others.values())
        if args.me in best:
            gains[workload] = value / best[args.me][0]
        mark = lambda peer: "~" * ((q, workload, peer) in uneven)
        line = [workload] + [f"{mark(best[p][1])}{number(best[p][0])} {best[p][1][len(p):]}".strip() if p in best else ""
                             for p in peers]
        line += [winner, f"{1000 / value:.0f}" if q.startswith("step_") else "",
                 f"{number(min(limits.values()))} ({min(limits, key=limits.get)[6:]})" if limits else "",
                 f"{best[args.me][0] / value:.2f}" if args.me in best else ""]
        lines.append(line)
    if lines:
        table(titles[q], ["workload", *peers, "fastest", "steps/s", "floor", args.me + " / fastest"], lines)
    if q.startswith("step_"):
        for what, chosen in (("all", gains), ("without xor", {w: g for w, g in gains.items() if "xor" not in w})):
            if chosen:
                mean = math.exp(sum(map(math.log, chosen.values())) / len(chosen))
                print(f"\nGeometric mean of fastest / {args.me}, {what} ({len(chosen)} workloads): {mean:.2f}, "
                      f"least {min(chosen.values()):.2f} ({min(chosen, key=chosen.get)})")

table("Every configuration, ms per step or call", ["workload", "quantity", "peers, fastest first"],
      [[w, q, ", ".join(f"{p} {number(v)}" for p, v in sorted(cells.items(), key=lambda c: c[1]))]
       for (q, w), cells in rows.items() if q.endswith("_ms")])
for (workload, peer), reason in failed.items():
    print(f"\nfailed: {workload} on {peer}: {reason}")
