"""Configurations that no Keras writes."""

import copy
import json


REFERS = "In model 'functional', layer 'subtract' refers to "
DEEP = "More than 200 levels of lists and objects"
OUTPUTS = "In model 'functional', output_layers refers to "


def unknown(class_name):
    return f'Unknown layer class "{class_name}". Hint: a class of your own is made known by register_layer<{class_name}>'


def no_json(at, reason):
    return f"This is no valid JSON: line 1, column {at + 1}: {reason}"


def layers_of(config):
    return config["config"]["layers"]


def first(config, class_name):
    return next(layer for layer in layers_of(config) if layer["class_name"] == class_name)


def histories(value):
    """Every keras_history of a config, to be changed in place."""
    if isinstance(value, dict):
        if "keras_history" in value:
            yield value["keras_history"]
        for item in value.values():
            yield from histories(item)
    elif isinstance(value, list):
        for item in value:
            yield from histories(item)


def dense_config(name, **fields):
    return {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"name": name, "units": 3, **fields},
        "registered_name": None,
        "name": name,
        "inbound_nodes": [],
    }


class Changes:
    """cases() yields (name, text of config.json, piece of the message)."""

    def __init__(self, graph):
        self.graph = graph  # config of a functional model with a shared layer, as a JSON value

    def changed(self, change):
        config = copy.deepcopy(self.graph)
        replaced = change(config)
        return json.dumps(config if replaced is None else replaced)

    def set_in(self, class_name, **fields):
        return self.changed(lambda c: first(c, class_name)["config"].update(fields))

    def units_beyond_float64(self, number):
        text = self.set_in("Dense", units="@").replace('"@"', number)
        return text, no_json(text.index(number), "A number is outside of the range of float64")

    def graph_cases(self):
        def history(index, value):
            def change(config):
                next(histories(first(config, "Subtract")["inbound_nodes"]))[index] = value

            return self.changed(change)

        yield "unknown_layer_name", history(0, "nobody"), f"{REFERS}a layer that does not exist: 'nobody'"
        yield "node_minus_one", history(1, -1), f"{REFERS}call -1 of layer 'dense', which has 2 calls"
        yield "node_too_large", history(1, 7), f"{REFERS}call 7 of layer 'dense', which has 2 calls"
        yield "node_huge", history(1, 2**62), f"{REFERS}call {2**62} of layer 'dense', which has 2 calls"
        yield "tensor_minus_one", history(2, -1), f"{REFERS}output -1 of layer 'dense'. Expected at least 0"
        yield "tensor_too_large", history(2, 5), f"{REFERS}output 5 of layer 'dense', which has 1 output"
        yield "node_as_text", history(1, "0"), "A call of layer 'subtract' has a tensor that no layer made."
        yield (
            "node_fraction",
            history(1, 0.5),
            "Expected an integer, received 0.5.\n  where layer 'subtract' of model 'functional' refers to [\"dense\", 0.5, 0]",
        )
        yield (
            "node_infinite",
            history(1, 1e400),
            "Expected an integer, received inf.\n  where layer 'subtract' of model 'functional' refers to",
        )
        own = first(self.graph, "Subtract")["name"]
        yield "cycle_to_itself", history(0, own), "The graph of model 'functional' has a loop through layer 'subtract'"

        def cycle(config):
            dense = first(config, "Dense")
            last = layers_of(config)[-1]
            next(histories(dense["inbound_nodes"]))[0] = last["name"]

        yield "cycle_through_the_graph", self.changed(cycle), "The graph of model 'functional' has a loop through layer 'dense'"

        def outputs(name, node=0, tensor=0):
            return self.changed(lambda c: c["config"].update(output_layers=[[name, node, tensor]]))

        last = layers_of(self.graph)[-1]["name"]
        yield "output_of_nobody", outputs("nobody"), f"{OUTPUTS}a layer that does not exist: 'nobody'"
        yield "output_node_minus_one", outputs(last, -1), f"{OUTPUTS}call -1 of layer '{last}', which has 1 call"
        yield "output_node_too_large", outputs(last, 3), f"{OUTPUTS}call 3 of layer '{last}', which has 1 call"
        yield "output_tensor_too_large", outputs(last, 0, 9), f"{OUTPUTS}output 9 of layer '{last}', which has 1 output"
        yield (
            "input_that_is_no_input",
            self.changed(lambda c: c["config"].update(input_layers=[[last, 0, 0]])),
            f"The input_layers of model 'functional' hold '{last}', which is no InputLayer",
        )
        twice = self.changed(lambda c: layers_of(c).append(copy.deepcopy(layers_of(c)[0])))
        yield "two_layers_of_one_name", twice, "Model 'functional' has two layers with the name 'left'"
        yield (
            "no_layers",
            self.changed(lambda c: c["config"].update(layers=[])),
            "In model 'functional', input_layers refers to a layer that does not exist: 'left'",
        )
        yield "layers_as_map", self.changed(lambda c: c["config"].update(layers={})), "The \"layers\" of model 'functional' are no list: {}"
        yield (
            "no_outputs",
            self.changed(lambda c: c["config"].pop("output_layers") and None),
            'The config of functional has no "output_layers"',
        )
        nodes = self.changed(lambda c: first(c, "Subtract").update(inbound_nodes=5))
        yield "nodes_as_number", nodes, "The \"inbound_nodes\" of layer 'subtract' are no list: 5"
        yield (
            "no_inbound_tensors",
            self.changed(lambda c: first(c, "Subtract").update(inbound_nodes=[{"args": [], "kwargs": {}}])),
            "Layer 'subtract' is called without a tensor",
        )

        def wide(config):
            node = first(config, "Subtract")["inbound_nodes"][0]
            node["args"][0] = node["args"][0] * 20_000

        yield (
            "a_call_of_many_tensors",
            self.changed(wide),
            "should be called on exactly 2 inputs. Received 40000 inputs.\n  in layer 'subtract'",
        )

    def value_cases(self):
        yield (
            "units_negative",
            self.set_in("Dense", units=-4),
            "[Dense] Received an invalid value for `units`, expected a positive integer. Received: units=-4",
        )
        yield (
            "units_zero",
            self.set_in("Dense", units=0),
            "[Dense] Received an invalid value for `units`, expected a positive integer. Received: units=0",
        )
        yield "units_huge", self.set_in("Dense", units=2**62), f"The number of elements of (3, {2**62}) is above 2^59.\n  in layer 'dense'"
        yield (
            "units_large",
            self.set_in("Dense", units=2**31),
            f"would need more memory than the file accounts for: 'kernel' of shape (3, {2**31})",
        )
        yield (
            "units_fraction",
            self.set_in("Dense", units=2.5),
            "[Dense] units: Expected an integer, received 2.5.\n  in layer 'dense' of model 'functional'",
        )
        yield (
            "units_nan",
            self.set_in("Dense", units=float("nan")),
            "[Dense] units: Expected an integer, received nan.\n  in layer 'dense' of model 'functional'",
        )
        yield "units_infinite", *self.units_beyond_float64("1e999")
        yield (
            "units_text",
            self.set_in("Dense", units="many"),
            "[Dense] units: Expected an integer, received \"many\".\n  in layer 'dense' of model 'functional'",
        )
        yield (
            "units_list",
            self.set_in("Dense", units=[4, 4]),
            "[Dense] units: Expected an integer, received [4, 4].\n  in layer 'dense' of model 'functional'",
        )
        yield (
            "units_missing",
            self.changed(lambda c: first(c, "Dense")["config"].pop("units") and None),
            "[Dense] The config has no \"units\".\n  in layer 'dense' of model 'functional'",
        )
        yield (
            "activation_as_number",
            self.set_in("Dense", activation=17),
            '[Dense] activation: [activations] Expected a name or {"class_name", "config"}, received 17',
        )
        yield (
            "activation_unknown",
            self.set_in("Dense", activation="os.system"),
            '[Dense] activation: [activations] Unknown activation "os.system"',
        )
        yield "dtype_unknown", self.set_in("Dense", dtype="float7"), '[Dense] dtype: Unknown word "float7"'
        yield (
            "dtype_policy_unknown",
            self.set_in("Dense", dtype={"module": "os", "class_name": "system", "config": {"name": "echo"}}),
            '[Dense] dtype: Unknown word "echo"',
        )
        yield (
            "batch_shape_huge",
            self.set_in("InputLayer", batch_shape=[None, 2**40, 2**40]),
            f"[InputLayer] batch_shape: [Shape] The number of elements of (?, {2**40}, {2**40}) is above 2^59",
        )
        yield (
            "batch_shape_overflow",
            self.set_in("InputLayer", batch_shape=[None] + [2**21] * 4),
            "[InputLayer] batch_shape: [Shape] The number of elements of (?, 2097152, 2097152, 2097152, 2097152) is above 2^59",
        )
        yield (
            "batch_shape_negative",
            self.set_in("InputLayer", batch_shape=[None, -3]),
            "[Input] Expected sizes of at least 0, or -1 for any, received -3.\n  in layer 'left' of model 'functional'",
        )
        yield (
            "batch_shape_text",
            self.set_in("InputLayer", batch_shape=[None, "3"]),
            '[InputLayer] batch_shape: Expected an integer, received "3"',
        )
        yield "batch_shape_number", self.set_in("InputLayer", batch_shape=3), "[InputLayer] batch_shape: Expected a list, received 3"
        yield (
            "batch_shape_rank",
            self.set_in("InputLayer", batch_shape=[None] * 100_000),
            "[InputLayer] batch_shape: [Shape] Expected at most 8 axes, received 100000",
        )
        yield "name_as_list", self.set_in("Dense", name=["a"]), '[Dense] name: Expected a text, received ["a"]'
        yield (
            "regularizer_nan",
            self.set_in(
                "Dense",
                kernel_regularizer={
                    "module": "keras.regularizers",
                    "class_name": "L2",
                    "config": {"l2": float("nan")},
                    "registered_name": None,
                },
            ),
            "[Dense] kernel_regularizer: [L2] l2: Expected a number, received NaN",
        )
        yield (
            "initializer_unknown",
            self.set_in(
                "Dense", kernel_initializer={"module": "keras.initializers", "class_name": "Evil", "config": {}, "registered_name": None}
            ),
            '[Dense] kernel_initializer: [initializers] Unknown initializer class "Evil"',
        )
        nested = {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": None}
        yield (
            "initializer_of_another_kind",
            self.set_in("Dense", kernel_initializer={**nested, "module": "keras.optimizers", "class_name": "Adam"}),
            '[Dense] kernel_initializer: [initializers] Unknown initializer class "Adam"',
        )

    def class_cases(self):
        def instead(class_name, module, config=None, registered=None):
            def change(c):
                layer = first(c, "Dense")
                layer.update(class_name=class_name, module=module, registered_name=registered or class_name)
                if config is not None:
                    layer["config"] = config

            return self.changed(change)

        yield "class_unknown", instead("FancyLayer", "keras.layers"), unknown("FancyLayer")
        yield "class_os_system", instead("system", "os", {"command": "touch canary"}), unknown("system")
        yield "class_builtins_eval", instead("eval", "builtins", {"source": "1"}), unknown("eval")
        yield "class_subprocess", instead("Popen", "subprocess", {"args": ["touch", "canary"]}), unknown("Popen")
        yield "class_custom", instead("Mine", "a.b.c", None, "package>Mine"), unknown("Mine")
        yield "registered_name_lies", instead("system", "keras.layers", None, "Dense"), unknown("system")
        yield "class_of_another_kind", instead("Adam", "keras.optimizers", {"name": "dense"}), unknown("Adam")
        yield (
            "class_as_number",
            instead(5, "keras.layers"),
            'Expected a name or {"class_name", "config"}, received {"module": "keras.layers", "class_name": 5',
        )
        code = {
            "name": "dense",
            "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA", "defaults": None, "closure": None}},
        }
        yield "lambda_with_code", instead("Lambda", "keras.layers", code), "Layer 'dense' is a Lambda layer"
        old = {"name": "dense", "function": ["4wEAAAAAAAAA", None, None], "function_type": "lambda"}
        yield "lambda_of_keras_2", instead("Lambda", "keras.layers", old), "Layer 'dense' is a Lambda layer"
        yield (
            "function_of_os",
            instead(
                "Activation",
                "keras.layers",
                {
                    "name": "dense",
                    "activation": {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"},
                },
            ),
            '[Activation] activation: [activations] Unknown activation "system"',
        )
        yield (
            "operation_unknown",
            instead("GetItemAndMore", "keras.src.ops.numpy", {"name": "dense"}),
            "Operation 'dense' is of the class 'GetItemAndMore' of keras.ops",
        )

        def root(**fields):
            return self.changed(lambda c: c.update(fields))

        yield "root_unknown_class", root(class_name="Thing", registered_name="Thing"), 'Unknown layer class "Thing"'
        yield "root_list", "[1, 2, 3]", 'Expected a name or {"class_name", "config"}, received 1.\n  in the Sequential \'sequential\''
        yield (
            "root_text",
            '"Functional"',
            '[model_from_config] Expected the config of a model, {"class_name", "config"}, received "Functional"',
        )
        yield "root_empty", "{}", '[model_from_config] Expected the config of a model, {"class_name", "config"}, received {}'
        yield "root_config_list", root(config=[]), 'The config of functional has no "layers"'
        bad = {"module": "keras.optimizers", "class_name": "Adam", "config": {"learning_rate": "fast"}, "registered_name": None}
        yield (
            "optimizer_rate_as_text",
            root(compile_config={"optimizer": bad, "loss": "mse"}),
            '[Adam] learning_rate: Expected a number, received "fast"',
        )
        yield (
            "optimizer_unknown",
            root(compile_config={"optimizer": {**bad, "class_name": "Magic"}, "loss": "mse"}),
            '[optimizers] Unknown optimizer class "Magic"',
        )
        yield "loss_unknown", root(compile_config={"optimizer": "sgd", "loss": "made_up"}), '[losses] Unknown loss "made_up"'
        yield (
            "metric_unknown",
            root(compile_config={"optimizer": "sgd", "loss": "mse", "metrics": ["made_up"]}),
            '[metrics] Unknown metric "made_up"',
        )
        evil = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
        yield "loss_of_os", root(compile_config={"optimizer": "sgd", "loss": evil}), '[losses] Unknown loss "system"'

    def text_cases(self):
        text = json.dumps(self.graph)
        yield "deep_lists", "[" * 500_000, no_json(201, DEEP)
        yield "deep_maps", '{"a":' * 100_000 + "1" + "}" * 100_000, no_json(201 * 5, DEEP)

        def nest(config):
            inner = copy.deepcopy(config)
            for _ in range(150):
                outer = copy.deepcopy({k: v for k, v in config.items()})
                outer["config"] = {**config["config"], "layers": [{**inner, "name": "inner", "inbound_nodes": []}]}
                inner = outer
            return inner

        yield "deep_models", json.dumps(nest({"module": "keras", "class_name": "Sequential", "config": {"name": "s"}})), DEEP
        yield "truncated_json", text[: len(text) // 2], no_json(len(text) // 2, "A text has no end")
        yield "trailing_text", text + "{}", no_json(len(text), "Something follows the end of the document")
        yield "no_utf8", text[:-1] + ', "\ud800": 1}', no_json(len(text) + 2, "A text is no valid UTF-8")
        double = '{"class_name": "Functional", ' + text[1:]
        yield "duplicate_keys", double, no_json(len(double), 'The key "class_name" stands twice in the object that ends here')
        yield "number_overflow", *self.units_beyond_float64("1" * 400)
        yield "empty_text", "", no_json(0, "The text ends where a value is expected")
        start, end = text.split('"layers": [', 1)
        yield "a_million_layers", f'{start}"layers": [{",".join(["{}"] * 1_000_000)},{end}', "Layer 0 of model 'functional' has no name"
        one = json.dumps(dense_config("again"))
        yield (
            "many_layers_of_one_name",
            f'{start}"layers": [{",".join([one] * 50_000)},{end}',
            "Model 'functional' has two layers with the name 'again'",
        )

    def cases(self):
        yield from self.graph_cases()
        yield from self.value_cases()
        yield from self.class_cases()
        yield from self.text_cases()
