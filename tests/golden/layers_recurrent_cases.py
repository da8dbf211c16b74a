"""The LSTM cases of layers.json."""

from keras import layers

from common import normal
from layers_cases import STEP_MASK, LayerCase, mask, x

OPTIONS = {
    "default": {},
    "return_sequences": {"return_sequences": True},
    "return_state": {"return_state": True},
    "sequences_and_state": {"return_sequences": True, "return_state": True},
    "go_backwards": {"go_backwards": True},
    "go_backwards_sequences": {"go_backwards": True, "return_sequences": True, "return_state": True},
    "no_bias": {"use_bias": False},
    "no_unit_forget_bias": {"unit_forget_bias": False},
    "other_activations": {"activation": "relu", "recurrent_activation": "hard_sigmoid"},
    "linear_activation": {"activation": None, "return_sequences": True},
    "unroll": {"unroll": True, "return_sequences": True},
    "stateful": {"stateful": True, "return_state": True},
    "regularized": {"kernel_regularizer": "l2", "recurrent_regularizer": "l1", "bias_regularizer": "l2"},
}
MASKED = {
    "default": {},
    "return_sequences": {"return_sequences": True, "return_state": True},
    "zero_output": {"return_sequences": True, "return_state": True, "zero_output_for_mask": True},
    "go_backwards": {"go_backwards": True, "return_state": True},
    "go_backwards_sequences": {"go_backwards": True, "return_sequences": True, "return_state": True},
    "unroll": {"unroll": True, "return_sequences": True, "return_state": True},
}
LEFT_PADDED = mask([0, 0, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1])
RIGHT_PADDED = mask([1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1])


def lstm(options, units=3):
    return lambda: layers.LSTM(units, **options)


def all_cases():
    inputs = x(3, 4, 2)
    states = [normal("state/h", (3, 3)), normal("state/c", (3, 3))]
    for label, options in OPTIONS.items():
        yield LayerCase(label, lstm(options), inputs)
    yield LayerCase("initial_state", lstm({"return_state": True}), inputs, initial_state=states)
    yield LayerCase("initial_state_backwards", lstm({"return_sequences": True, "go_backwards": True}), inputs, initial_state=states)
    yield LayerCase("one_step", lstm({}), x(2, 1, 2))
    yield LayerCase("one_unit", lstm({}, 1), x(1, 3, 1))
    yield LayerCase("no_rows", lstm({}), x(0, 4, 2))
    yield LayerCase("dropout_inference", lstm({"dropout": 0.5, "recurrent_dropout": 0.5}), inputs, training=False)
    yield LayerCase("dropout_training", lstm({"dropout": 0.5}), inputs, training=True, random=True)
    yield LayerCase("recurrent_dropout_training", lstm({"recurrent_dropout": 0.5}), inputs, training=True, random=True)
    for label, options in MASKED.items():
        yield LayerCase(f"mask/{label}", lstm(options), inputs, mask=STEP_MASK)
        yield LayerCase(f"mask_left/{label}", lstm(options), inputs, mask=LEFT_PADDED)
    yield LayerCase("mask_right/default", lstm({"return_state": True}), inputs, mask=RIGHT_PADDED)
    yield LayerCase("mask/initial_state", lstm({"return_sequences": True}), inputs, mask=STEP_MASK, initial_state=states)
    unrolled = {"return_sequences": True, "unroll": True}
    yield LayerCase("mask/initial_state_unroll", lstm(unrolled), inputs, mask=STEP_MASK, initial_state=states)
    yield LayerCase("mask_travels", lstm({"return_sequences": True}), inputs, input_masks=[STEP_MASK])
    yield LayerCase("mask_travels_last", lstm({"return_state": True}), inputs, input_masks=[STEP_MASK])
