"""The training runs for which TensorFlow is the better reference, see training_runs.py."""

from make_training import write_files
from training_runs import TENSORFLOW_FILES


def make():
    write_files(TENSORFLOW_FILES)
