"""training_float64.json and .npz: where the training runs end in float64, the referee of weights, slots and predictions.

In float32 Keras's back ends agree with each other better than with this: both round 1 - beta**t of Adam to float32."""

import jax
import keras

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

from common import Arrays, seed_keras, write_json  # noqa: E402
from make_training import fit, make_data, set_initial_weights, weight_refs  # noqa: E402
from training_runs import FILES, ROWS, VALIDATION_ROWS  # noqa: E402


def encode_run(file, run, arrays):
    name = f"{file}/{run.name}"
    seed_keras(name)
    model = run.recipe()
    set_initial_weights(model, name)
    for variable in model.weights:
        variable.assign(variable.numpy().astype("float32"))  # where the float32 run begins
    data = [make_data(m, ROWS) for m in (run.x, run.y, run.sample_weight)]
    held_out = [make_data(m, VALIDATION_ROWS) for m in (run.x, run.y, run.sample_weight)]
    model.compile(**run.compile)
    fit(model, run, data, held_out if run.validation else None)
    slots = [{**arrays.ref(f"{name}/optimizer{i}", v.numpy()), "path": v.path} for i, v in enumerate(model.optimizer.variables)]
    return {
        "file": f"training_{file}",
        "name": run.name,
        "final_weights": weight_refs(model, f"{name}/final", arrays),
        "optimizer_variables": slots,
        "predict": arrays.nested(f"{name}/predict", model.predict(held_out[0], batch_size=4, verbose=0)),
    }


def make():
    arrays, encoded = Arrays(), []
    for file, runs in FILES.items():
        keras.backend.clear_session()
        for run in runs():
            encoded.append(encode_run(file, run, arrays))
            keras.backend.clear_session()
    write_json("training_float64", {"runs": encoded}, arrays)
