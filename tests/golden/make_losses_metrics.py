"""losses_metrics.json: losses, metrics, their names, and losses of extreme logits."""

import json
import os
import subprocess
import sys

import losses_cases
import metrics_cases
from common import FOLDER, write_json


def extreme_logits(backend):
    """The entries of extreme_logits.py under the given back end."""
    command = [sys.executable, str(FOLDER / "extreme_logits.py")]
    done = subprocess.run(command, env={**os.environ, "KERAS_BACKEND": backend}, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


def make():
    write_json(
        "losses_metrics",
        {
            "losses": list(losses_cases.loss_entries()),
            "loss_functions": list(losses_cases.function_entries()),
            "metrics": list(metrics_cases.metric_entries()),
            "names": metrics_cases.name_entries(),
            "resolution": list(metrics_cases.resolution_entries()),
            "compile_names": list(metrics_cases.compile_name_entries()),
            "extreme_logits": extreme_logits("jax") + extreme_logits("tensorflow"),
        },
    )
