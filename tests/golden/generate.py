"""Writes the golden files of this folder by running real Keras. See README.md.

python generate.py            every file
python generate.py layers     only the named parts (run all of them before committing)
"""

import os
import subprocess
import sys
import time

# Part, and whether it needs float64 in JAX (a switch of the whole process).
PARTS = {
    "signatures": False,
    "activations": False,
    "ops": False,
    "promotion": True,
    "layers": False,
    "summaries": False,
    "training": False,
    "losses_metrics": False,
    "initializers": False,
    "optimizers": False,
    "progress": False,
}

ENVIRONMENT = {
    "KERAS_BACKEND": "jax",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "COLUMNS": "80",
    "LINES": "24",
    "TERM": "dumb",
}


def run_part(part):
    """Imports make_<part>.py, which runs Keras, and lets it write its files."""
    import importlib

    importlib.import_module(f"make_{part}").make()


def main():
    parts = sys.argv[1:] or list(PARTS)
    if parts[0] == "--inside":
        run_part(parts[1])
        return
    for part in parts:
        start = time.time()
        environment = {**os.environ, **ENVIRONMENT, "JAX_ENABLE_X64": "1" if PARTS[part] else "0"}
        subprocess.run([sys.executable, __file__, "--inside", part], env=environment, check=True)
        print(f"{part}: {time.time() - start:.0f} s", flush=True)
    from common import write_manifest

    os.environ.update(ENVIRONMENT)
    write_manifest()


if __name__ == "__main__":
    main()
