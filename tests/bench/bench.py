"""Runs workloads on peers, the repeats of all peers interleaved, and prints JSON lines.

    python bench.py --venv keras=DIR --venv torch=DIR [--bin NAME=PROGRAM]
                    --workloads fashion_mlp,... [--peers keras-tf,torch+t1,...] [--rounds 5] --out FILE
                    [--retries 6] [--patience SECONDS]

DIR may be a Python program, too. Names of workloads: see peers/workloads.py.

For one workload all peers' workers are started one after another (each builds
and warms up alone), then every round runs one repeat of each. A repeat during which
other processes used more than BUSY of a core is thrown away and run again, up to
--retries times; "other_cpu" is the worst that stayed. Without --peers
a workload runs on its usual peers (USUAL; ON_GPU with BENCH_DEVICE=cuda). A peer that fails, or
that keeps silent for longer than --patience, gets a line with "failed" and the reason. See harness.py for what a worker must print.
"""
import argparse
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
sys.path.insert(0, HERE)
SCRIPTS = {"keras-tf": ("keras", "keras_bench.py"), "keras-jax": ("keras", "keras_bench.py"),
           "keras-torch": ("torch", "keras_bench.py"), "torch": ("torch", "torch_bench.py"),
           "jax": ("keras", "jax_bench.py"), "ort": ("keras", "ort_bench.py")}
SMALL = "keras-tf keras-tf+jit keras-tf+spe32 keras-jax keras-jax+spe32 keras-torch torch torch+t1 torch+compile jax jax+scan libtorch libtorch+t1"
SMALL_FEW = "keras-tf keras-tf+jit keras-tf+spe32 keras-jax keras-torch torch+t1 jax jax+scan"
CONV = "keras-tf keras-tf+jit keras-jax keras-torch torch torch+cl torch+compile jax"
RNN = "keras-tf keras-jax keras-torch torch torch+t1 jax"
FWD = "keras-tf keras-tf+jit keras-jax keras-torch torch torch+cl ort"
USUAL = {"xor_b1": SMALL, "xor_b4": SMALL_FEW + " libtorch+t1", "fashion_mlp": SMALL + " torch+loader",
         "mnist_mlp": SMALL_FEW, "batchnorm_mlp": SMALL_FEW, "wide_deep": SMALL_FEW, "mnist_cnn": CONV + " libtorch", "cifar_resnet": CONV,
         "resnet": CONV, "mlp_mixer": "keras-tf keras-tf+jit keras-jax keras-torch torch torch+compile jax",
         "autoencoder": CONV,
         "imdb_mlp": "keras-tf keras-tf+jit keras-jax keras-torch torch jax",
         "imdb_lstm": RNN, "imdb_bilstm": RNN, "imdb_gru": RNN, "tickets": RNN,
         "text_cnn": "keras-tf keras-tf+jit keras-jax keras-torch torch jax",
         "transformer": "keras-tf keras-tf+jit keras-jax keras-torch torch torch+compile jax",
         "transformer_big": "keras-tf keras-tf+jit keras-jax keras-torch torch torch+compile jax",
         "resnet50_train_b4": "keras-tf keras-tf+jit keras-jax keras-torch torch",
         "resnet50_fwd_b1": FWD, "resnet50_fwd_b8": FWD, "mobilenet_fwd_b1": FWD,
         "predict_one_mlp": "keras-tf keras-jax keras-torch torch torch+t1 jax ort ort+t1 libtorch",
         "predict_one_cnn": "keras-tf keras-jax keras-torch torch torch+t1 jax ort ort+t1 libtorch",
         "predict_bulk": "keras-tf keras-tf+jit keras-jax keras-torch torch jax ort",
         "mnist_cnn_epoch": "keras-tf keras-tf+jit keras-jax keras-torch torch libtorch",
         "load_model": "", "startup": "keras-tf keras-jax keras-torch torch jax libtorch"}
ON_GPU = {"conv": "torch+cl torch+cl+graph torch+cl+compile+graph jax+scan",
          "other": "torch torch+graph torch+compile+graph jax+scan"}
BUSY = 0.15


def usual(workload):
    base = workload.split("+")[0].split("@")[0]
    if os.environ.get("BENCH_DEVICE") == "cuda":
        return ON_GPU["conv" if USUAL[base].startswith(CONV) else "other"].split()
    return USUAL[base].split()


def machine_ticks():
    """CPU ticks that all processes have used, and those stolen by other virtual machines."""
    user, nice, system, _, _, irq, softirq, steal = map(int, open("/proc/stat").readline().split()[1:9])
    return user + nice + system + irq + softirq + steal


def process_ticks(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15]))  # own and children's


class Failed(Exception):
    pass


class Worker:
    def __init__(self, peer, workload, args, log):
        base = peer.split("+")[0]
        if base in args.bin:
            command = [args.bin[base]]
        else:
            venv, script = SCRIPTS[base]
            python = args.venv[venv]
            python = python if os.path.isfile(python) else os.path.join(python, "bin", "python")
            command = [python, os.path.join(HERE, script)]
        threads = "1" if "t1" in peer.split("+") else "2"
        env = dict(os.environ, OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads, PYTHONDONTWRITEBYTECODE="1")
        self.values, self.start, self.log, self.other_cpu = {}, time.perf_counter(), log, 0.0
        self.patience, self.retries = args.patience, args.retries
        self.process = subprocess.Popen(command + [peer, workload], env=env, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)

    def read(self):
        alarm = threading.Timer(self.patience, self.kill)
        alarm.start()
        try:
            for line in self.process.stdout:
                if line.startswith("@"):
                    return json.loads(line[1:])
            raise Failed(f"exit status {self.process.wait()}")
        finally:
            alarm.cancel()

    def kill(self):
        """The worker and what it has started."""
        self.log.write(f"\nError: nothing came for {self.patience} s\n")
        self.log.flush()
        os.killpg(self.process.pid, signal.SIGKILL)

    def keep(self, quantities):
        for k, v in quantities.items():
            self.values.setdefault(k, []).append(v)

    def warm_up(self):
        while "ready" not in (q := self.read()):
            self.keep(q)
        self.keep({"ready_s": time.perf_counter() - self.start})

    def repeat(self):
        for left in range(self.retries, -1, -1):
            pid, start = self.process.pid, time.perf_counter()
            others = machine_ticks() - process_ticks(pid)
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            quantities = self.read()
            others = (machine_ticks() - process_ticks(pid) - others) / os.sysconf("SC_CLK_TCK")
            others /= time.perf_counter() - start
            if others < BUSY or not left:
                break
            time.sleep(2)
        self.other_cpu = max(self.other_cpu, others)
        self.keep(quantities)

    def finish(self):
        self.process.stdin.close()
        self.keep(self.read())
        self.process.wait()


def last_error(log):
    log.seek(0)
    lines = [l.strip() for l in log if l.strip()]
    lines = [l for l in lines if re.match(r"[\w.]*(Error|Exception)", l)] or lines
    return re.sub(r"/\S*/", "", lines[-1])[:200] if lines else ""


def run(workload, peers, args, out):
    def line(peer, quantity, **values):
        text = json.dumps(dict(peer=peer, workload=workload, quantity=quantity, **values))
        print(text, flush=True)
        out.write(text + "\n")
        out.flush()

    workers = {}
    startup = workload == "startup"
    values = {}
    for step in range(args.rounds if startup else 1):
        for peer in peers:
            log = open(os.path.join(args.logs, f"{workload}.{peer}.log"), "w+")
            worker = Worker(peer, workload, args, log)
            try:
                worker.warm_up()
                if startup:  # a new process every round
                    worker.finish()
                    for k, v in worker.values.items():
                        values.setdefault(peer, {}).setdefault(k, []).extend(v)
                else:
                    workers[peer] = worker
            except (Failed, OSError) as e:
                line(peer, "failed", reason=f"{e}: {last_error(log)}")
    once = startup or workload.endswith("_epoch")
    for peer in [] if once else list(workers):
        try:
            workers[peer].repeat()  # once more before anything counts
            workers[peer].values = {k: v for k, v in workers[peer].values.items() if not k.endswith("_ms")}
            workers[peer].other_cpu = 0.0
        except (Failed, OSError) as e:
            line(peer, "failed", reason=f"{e}: {last_error(workers.pop(peer).log)}")
    for _ in range(0 if once else args.rounds):
        for peer in list(workers):
            try:
                workers[peer].repeat()
            except (Failed, OSError) as e:
                line(peer, "failed", reason=f"{e}: {last_error(workers.pop(peer).log)}")
    for peer, worker in workers.items():
        worker.finish()
        values[peer] = worker.values
    for peer, quantities in values.items():
        for q, v in quantities.items():
            extra = {"other_cpu": round(workers[peer].other_cpu, 2)} if peer in workers and q.endswith("_ms") else {}
            line(peer, q, median=round(statistics.median(v), 6), min=round(min(v), 6), max=round(max(v), 6), n=len(v),
                 **extra)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--venv", action="append", default=[])
    parser.add_argument("--bin", action="append", default=[])
    parser.add_argument("--workloads", default=",".join(USUAL))
    parser.add_argument("--peers", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--retries", type=int, default=6)
    parser.add_argument("--patience", type=float, default=3600)
    parser.add_argument("--logs", default=".")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    args.venv, args.bin = (dict(a.split("=", 1) for a in v) for v in (args.venv, args.bin))
    mine = [b for b in args.bin if b != "libtorch"]  # such as kerata: runs every workload

    def available(peer):
        base = peer.split("+")[0]
        return base in args.bin or base in SCRIPTS and SCRIPTS[base][0] in args.venv

    with open(args.out, "a") as out:
        for workload in args.workloads.split(","):
            peers = args.peers.split(",") if args.peers else usual(workload) + mine
            run(workload, [p for p in peers if available(p)], args, out)


if __name__ == "__main__":
    main()
