"""layers.json and layers.npz: outputs, masks, new state and gradients of single layers."""

import inspect

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras.src import backend

import layers_cases
import layers_recurrent_cases
from common import Arrays, dtype_name, normal, number, plain, rng, seed_keras, write_json


def set_fixed_weights(layer, name):
    """Random weights that depend on nothing but the case; variances stay positive, counters untouched."""
    for variable in layer.weights:
        if "int" in backend.standardize_dtype(variable.dtype):
            continue
        key = f"{name}/{variable.path.split('/', 1)[-1]}"
        if "variance" in variable.name or "stddev" in variable.name or variable.name == "gamma":
            variable.assign(rng(key).random(variable.shape) + 0.5)
        else:
            variable.assign(normal(key, variable.shape, 0.5))


def with_masks(inputs, masks):
    """Fresh tensors that carry masks, as they would inside a model."""
    result = []
    for i, value in enumerate(inputs):
        tensor = jnp.array(value)
        if masks and masks[i] is not None:
            backend.set_keras_mask(tensor, jnp.array(masks[i]))
        result.append(tensor)
    return result


def call_arguments(case):
    kwargs = {}
    if case.training is not None:
        kwargs["training"] = case.training
    if case.mask is not None:
        kwargs["mask"] = jnp.array(case.mask)
    if case.initial_state is not None:
        kwargs["initial_state"] = [jnp.array(s) for s in case.initial_state]
    return kwargs


def flat(outputs):
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def first_argument(case, inputs):
    return inputs if len(case.inputs) > 1 else inputs[0]


def gradients(case, layer, cotangents):
    """Gradients of sum(output * cotangent) by the float inputs and the trainable weights."""
    trainable = [v.value for v in layer.trainable_variables]
    others = [v.value for v in layer.non_trainable_variables]
    floats = [i for i, v in enumerate(case.inputs) if dtype_name(v) == "float32" and layer.__class__.__name__ != "Embedding"]
    masks = [None if m is None else jnp.array(m) for m in case.input_masks or []]  # a tracer holds its mask weakly
    arguments = call_arguments(case)
    if masks and len(case.inputs) == 1 and "mask" in inspect.signature(layer.call).parameters:
        arguments["mask"] = masks[0]  # stateless_call skips the part of __call__ that passes it on

    def weighted(trainable, values):
        inputs = list(case.inputs)
        for i, value in zip(floats, values):
            inputs[i] = value
        for i, m in enumerate(masks):
            inputs[i] = jnp.asarray(inputs[i])
            backend.set_keras_mask(inputs[i], m)
        outputs, _ = layer.stateless_call(trainable, others, first_argument(case, inputs), **arguments)
        return sum(jnp.sum(y * c) for y, c in zip(flat(outputs), cotangents))

    by_weights, by_inputs = jax.grad(weighted, (0, 1))(trainable, [jnp.array(case.inputs[i]) for i in floats])
    found = dict(zip(floats, by_inputs))
    return [found.get(i) for i in range(len(case.inputs))], by_weights


def symbolic_shapes(layer, case):
    """Output shapes for an unknown batch size."""
    inputs = [keras.KerasTensor((None,) + v.shape[1:], dtype_name(v)) for v in case.inputs]
    shapes = layer.compute_output_spec(first_argument(case, inputs))
    return [list(s.shape) for s in flat(shapes)]


def build(case, class_name, name):
    """The layer with fixed weights, or adapted, and its inputs with their masks."""
    seed_keras(name)
    layer = case.make()
    if case.adapt is not None:
        layer.adapt(case.adapt)
    inputs = with_masks(case.inputs, case.input_masks)
    if not layer.built:
        layer.build([v.shape for v in inputs] if len(inputs) > 1 else inputs[0].shape)
    if class_name != "Normalization":
        set_fixed_weights(layer, name)
    return layer, inputs


def encode_weights(layer, name, arrays):
    refs = []
    for i, v in enumerate(layer.weights):
        refs.append({**arrays.ref(f"{name}/weight{i}", v.numpy()), "path": v.path, "trainable": v.trainable})
    return refs


def encode_gradients(case, layer, values, name, arrays):
    cotangents = [normal(f"{name}/cotangent{i}", y.shape) for i, y in enumerate(values)]
    by_inputs, by_weights = gradients(case, layer, cotangents)
    return {
        "cotangents": arrays.refs(f"{name}/cotangent", cotangents),
        "input_gradients": arrays.refs(f"{name}/input_gradient", by_inputs),
        "weight_gradients": arrays.refs(f"{name}/weight_gradient", by_weights),
    }


def encode_outputs(case, values, name, arrays):
    if case.random:
        return [{"shape": list(y.shape), "dtype": dtype_name(y)} for y in values]
    return arrays.refs(f"{name}/output", values)


def encode_case(class_name, case, arrays):
    name = f"{class_name}/{case.label}"
    layer, inputs = build(case, class_name, name)
    weights = encode_weights(layer, name, arrays)
    before = [v.numpy() for v in layer.weights]
    outputs = layer(first_argument(case, inputs), **call_arguments(case))
    values = flat(outputs)
    entry = {
        "name": name,
        "class": class_name,
        "config": plain(layer.get_config()),
        "adapt": arrays.nested(f"{name}/adapt", case.adapt),
        "inputs_is_list": len(case.inputs) > 1,
        "inputs": arrays.refs(f"{name}/input", case.inputs),
        "input_masks": arrays.refs(f"{name}/input_mask", case.input_masks or [None] * len(case.inputs)),
        "call_kwargs": {k: v if k == "training" else arrays.nested(f"{name}/{k}", v) for k, v in call_arguments(case).items()},
        "weights": weights,
        "random": case.random,
        "outputs_is_list": isinstance(outputs, (list, tuple)),
        "outputs": encode_outputs(case, values, name, arrays),
        "output_masks": arrays.refs(f"{name}/output_mask", [backend.get_keras_mask(y) for y in values]),
        "symbolic_output_shapes": symbolic_shapes(layer, case),
        "count_params": layer.count_params(),
    }
    if layer.losses:
        entry["losses"] = number(sum(float(v) for v in layer.losses), "float32")
    if class_name == "LSTM" and layer.stateful:
        entry["second_outputs"] = arrays.refs(f"{name}/second", flat(layer(first_argument(case, inputs))))
        layer.reset_states()
    after = [v.numpy() for v in layer.weights]
    if any(not np.array_equal(a, b) for a, b in zip(before, after)):
        entry["weights_after"] = arrays.refs(f"{name}/after", after)
        for variable, value in zip(layer.weights, before):
            variable.assign(value)
    if not case.random:
        entry.update(encode_gradients(case, layer, values, name, arrays))
    return entry


def make():
    arrays = Arrays()
    cases = list(layers_cases.all_cases()) + [("LSTM", c) for c in layers_recurrent_cases.all_cases()]
    write_json("layers", {"cases": [encode_case(name, case, arrays) for name, case in cases]}, arrays)
