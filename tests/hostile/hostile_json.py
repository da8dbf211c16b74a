"""Configurations that no Keras writes."""

import copy
import json


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

    def graph_cases(self):
        def history(index, value):
            def change(config):
                next(histories(first(config, "Subtract")["inbound_nodes"]))[index] = value

            return self.changed(change)

        yield "unknown_layer_name", history(0, "nobody"), "nobody"
        yield "node_minus_one", history(1, -1), "-1"
        yield "node_too_large", history(1, 7), "7"
        yield "node_huge", history(1, 2**62), str(2**62)
        yield "tensor_minus_one", history(2, -1), "-1"
        yield "tensor_too_large", history(2, 5), "5"
        yield "node_as_text", history(1, "0"), "subtract"
        yield "node_fraction", history(1, 0.5), "0.5"
        yield "node_infinite", history(1, 1e400), "inf"
        own = first(self.graph, "Subtract")["name"]
        yield "cycle_to_itself", history(0, own), own

        def cycle(config):
            dense = first(config, "Dense")
            last = layers_of(config)[-1]
            next(histories(dense["inbound_nodes"]))[0] = last["name"]

        yield "cycle_through_the_graph", self.changed(cycle), "dense"

        def outputs(name, node=0, tensor=0):
            return self.changed(lambda c: c["config"].update(output_layers=[[name, node, tensor]]))

        last = layers_of(self.graph)[-1]["name"]
        yield "output_of_nobody", outputs("nobody"), "nobody"
        yield "output_node_minus_one", outputs(last, -1), "-1"
        yield "output_node_too_large", outputs(last, 3), "3"
        yield "output_tensor_too_large", outputs(last, 0, 9), "9"
        yield "input_that_is_no_input", self.changed(lambda c: c["config"].update(input_layers=[[last, 0, 0]])), last
        yield "two_layers_of_one_name", self.changed(lambda c: layers_of(c).append(copy.deepcopy(layers_of(c)[0]))), layers_of(self.graph)[
            0
        ]["name"]
        yield "no_layers", self.changed(lambda c: c["config"].update(layers=[])), "layers"
        yield "layers_as_map", self.changed(lambda c: c["config"].update(layers={})), "layers"
        yield "no_outputs", self.changed(lambda c: c["config"].pop("output_layers") and None), "output_layers"
        yield "no_inbound_tensors", self.changed(
            lambda c: first(c, "Subtract").update(inbound_nodes=[{"args": [], "kwargs": {}}])
        ), "subtract"

        def wide(config):
            node = first(config, "Subtract")["inbound_nodes"][0]
            node["args"][0] = node["args"][0] * 20_000

        yield "a_call_of_many_tensors", self.changed(wide), "subtract"

    def value_cases(self):
        yield "units_negative", self.set_in("Dense", units=-4), "-4"
        yield "units_zero", self.set_in("Dense", units=0), "0"
        yield "units_huge", self.set_in("Dense", units=2**62), str(2**62)
        yield "units_large", self.set_in("Dense", units=2**31), str(2**31)
        yield "units_fraction", self.set_in("Dense", units=2.5), "units"
        yield "units_nan", self.set_in("Dense", units=float("nan")), "units"
        yield "units_infinite", self.changed(lambda c: first(c, "Dense")["config"].update(units="@")).replace('"@"', "1e999"), "units"
        yield "units_text", self.set_in("Dense", units="many"), "units"
        yield "units_list", self.set_in("Dense", units=[4, 4]), "units"
        yield "units_missing", self.changed(lambda c: first(c, "Dense")["config"].pop("units") and None), "units"
        yield "activation_as_number", self.set_in("Dense", activation=17), "activation"
        yield "activation_unknown", self.set_in("Dense", activation="os.system"), "os.system"
        yield "dtype_unknown", self.set_in("Dense", dtype="float7"), "float7"
        yield "dtype_policy_unknown", self.set_in(
            "Dense", dtype={"module": "os", "class_name": "system", "config": {"name": "echo"}}
        ), "echo"
        yield "batch_shape_huge", self.set_in("InputLayer", batch_shape=[None, 2**40, 2**40]), "shape"
        yield "batch_shape_overflow", self.set_in("InputLayer", batch_shape=[None] + [2**21] * 4), "shape"
        yield "batch_shape_negative", self.set_in("InputLayer", batch_shape=[None, -3]), "at least 0"
        yield "batch_shape_text", self.set_in("InputLayer", batch_shape=[None, "3"]), "shape"
        yield "batch_shape_number", self.set_in("InputLayer", batch_shape=3), "shape"
        yield "batch_shape_rank", self.set_in("InputLayer", batch_shape=[None] * 100_000), "shape"
        yield "name_as_list", self.set_in("Dense", name=["a"]), "name"
        yield "regularizer_nan", self.set_in(
            "Dense",
            kernel_regularizer={
                "module": "keras.regularizers",
                "class_name": "L2",
                "config": {"l2": float("nan")},
                "registered_name": None,
            },
        ), "L2"
        yield "initializer_unknown", self.set_in(
            "Dense", kernel_initializer={"module": "keras.initializers", "class_name": "Evil", "config": {}, "registered_name": None}
        ), "Evil"
        nested = {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": None}
        yield "initializer_of_another_kind", self.set_in(
            "Dense", kernel_initializer={**nested, "module": "keras.optimizers", "class_name": "Adam"}
        ), "Adam"

    def class_cases(self):
        def instead(class_name, module, config=None, registered=None):
            def change(c):
                layer = first(c, "Dense")
                layer.update(class_name=class_name, module=module, registered_name=registered or class_name)
                if config is not None:
                    layer["config"] = config

            return self.changed(change)

        yield "class_unknown", instead("FancyLayer", "keras.layers"), "FancyLayer"
        yield "class_os_system", instead("system", "os", {"command": "touch canary"}), "system"
        yield "class_builtins_eval", instead("eval", "builtins", {"source": "1"}), "eval"
        yield "class_subprocess", instead("Popen", "subprocess", {"args": ["touch", "canary"]}), "Popen"
        yield "class_custom", instead("Mine", "a.b.c", None, "package>Mine"), "package>Mine"
        yield "registered_name_lies", instead("system", "keras.layers", None, "Dense"), "system"
        yield "class_of_another_kind", instead("Adam", "keras.optimizers", {"name": "dense"}), "Adam"
        yield "class_as_number", instead(5, "keras.layers"), "class_name"
        code = {
            "name": "dense",
            "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA", "defaults": None, "closure": None}},
        }
        yield "lambda_with_code", instead("Lambda", "keras.layers", code), "Lambda"
        old = {"name": "dense", "function": ["4wEAAAAAAAAA", None, None], "function_type": "lambda"}
        yield "lambda_of_keras_2", instead("Lambda", "keras.layers", old), "Lambda"
        yield "function_of_os", instead(
            "Activation",
            "keras.layers",
            {"name": "dense", "activation": {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}},
        ), "system"
        yield "operation_unknown", instead("GetItemAndMore", "keras.src.ops.numpy", {"name": "dense"}), "GetItemAndMore"

        def root(**fields):
            return self.changed(lambda c: c.update(fields))

        yield "root_unknown_class", root(class_name="Thing", registered_name="Thing"), "Thing"
        yield "root_list", "[1, 2, 3]", "received 1"
        yield "root_text", '"Functional"', "config"
        yield "root_empty", "{}", "class_name"
        yield "root_config_list", root(config=[]), "config"
        bad = {"module": "keras.optimizers", "class_name": "Adam", "config": {"learning_rate": "fast"}, "registered_name": None}
        yield "optimizer_rate_as_text", root(compile_config={"optimizer": bad, "loss": "mse"}), "learning_rate"
        yield "optimizer_unknown", root(compile_config={"optimizer": {**bad, "class_name": "Magic"}, "loss": "mse"}), "Magic"
        yield "loss_unknown", root(compile_config={"optimizer": "sgd", "loss": "made_up"}), "made_up"
        yield "metric_unknown", root(compile_config={"optimizer": "sgd", "loss": "mse", "metrics": ["made_up"]}), "made_up"
        evil = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
        yield "loss_of_os", root(compile_config={"optimizer": "sgd", "loss": evil}), "system"

    def text_cases(self):
        text = json.dumps(self.graph)
        yield "deep_lists", "[" * 500_000, "levels"
        yield "deep_maps", '{"a":' * 100_000 + "1" + "}" * 100_000, "levels"

        def nest(config):
            inner = copy.deepcopy(config)
            for _ in range(150):
                outer = copy.deepcopy({k: v for k, v in config.items()})
                outer["config"] = {**config["config"], "layers": [{**inner, "name": "inner", "inbound_nodes": []}]}
                inner = outer
            return inner

        yield "deep_models", json.dumps(nest({"module": "keras", "class_name": "Sequential", "config": {"name": "s"}})), "levels"
        yield "truncated_json", text[: len(text) // 2], "line"
        yield "trailing_text", text + "{}", "line"
        yield "no_utf8", text.replace("siamese", "x")[:-1] + ', "\ud800": 1}', ""
        yield "duplicate_keys", '{"class_name": "Functional", ' + text[1:], "class_name"
        yield "number_overflow", self.changed(lambda c: first(c, "Dense")["config"].update(units="@")).replace('"@"', "1" * 400), "range"
        yield "empty_text", "", ""
        start, end = text.split('"layers": [', 1)
        yield "a_million_layers", f'{start}"layers": [{",".join(["{}"] * 1_000_000)},{end}', "Layer 0"
        one = json.dumps(dense_config("again"))
        yield "many_layers_of_one_name", f'{start}"layers": [{",".join([one] * 50_000)},{end}', "again"

    def cases(self):
        yield from self.graph_cases()
        yield from self.value_cases()
        yield from self.class_cases()
        yield from self.text_cases()
