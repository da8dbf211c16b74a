"""Writes the golden files of this folder by running real Keras. See README.md.

python generate.py            every file
python generate.py layers     only the named parts
"""

import os
import subprocess
import sys
import time

PARTS = (
    "signatures",
    "activations",
    "ops",
    "nan",
    "promotion",
    "layers",
    "summaries",
    "plots",
    "training",
    "training_tensorflow",
    "training_float64",
    "stateful",
    "losses_metrics",
    "initializers",
    "configs",
    "model_configs",
    "optimizers",
    "progress",
    "checkpoints",
    "plateaus",
    "models",
    "models_options",
    "models_mixed",
    "models_tensorflow",
    "models_tf_keras",
    "weight_groups",
)

ENVIRONMENT = {
    "KERAS_BACKEND": "jax",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "0",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "COLUMNS": "80",
    "LINES": "24",
    "TERM": "dumb",
}


TENSORFLOW = ("training_tensorflow", "stateful", "models_tensorflow", "models_tf_keras")  # all others: jax


def run_part(part):
    """Imports make_<part>.py, which runs Keras, and lets it write its files."""
    import importlib

    importlib.import_module(f"make_{part}").make()


def main():
    parts = sys.argv[1:] or PARTS
    if parts[0] == "--inside":
        run_part(parts[1])
        return
    for part in parts:
        start = time.time()
        environment = {**os.environ, **ENVIRONMENT, "KERAS_BACKEND": "tensorflow" if part in TENSORFLOW else "jax"}
        subprocess.run([sys.executable, __file__, "--inside", part], env=environment, check=True)
        print(f"{part}: {time.time() - start:.0f} s", flush=True)
    from common import write_manifest

    os.environ.update(ENVIRONMENT)
    write_manifest()


if __name__ == "__main__":
    main()
