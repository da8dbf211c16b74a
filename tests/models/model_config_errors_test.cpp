// Configs that do not fit together: each is refused, naming layer and place.
#include "kerata/kerata.h"
#include "support/errors.h"

namespace kerata {
namespace {

using namespace kerata::layers;

std::string tensor(const std::string& layer, int call = 0, int output = 0) {
  return R"({"class_name": "__keras_tensor__", "config": {"shape": [null, 2], "dtype": "float32", "keras_history": [")" +
         layer + "\", " + std::to_string(call) + ", " + std::to_string(output) + "]}}";
}
std::string called(const std::string& args, const std::string& kwargs = "") {
  return R"({"args": [)" + args + R"(], "kwargs": {)" + kwargs + "}}";
}
std::string layer(const std::string& name, const std::string& class_name, const std::string& config,
                  const std::string& calls) {
  return R"({"module": "keras.layers", "class_name": ")" + class_name + R"(", "config": {"name": ")" + name + "\"" +
         config + R"(}, "registered_name": null, "name": ")" + name + R"(", "inbound_nodes": [)" + calls + "]}";
}
std::string input(const std::string& name) { return layer(name, "InputLayer", R"(, "batch_shape": [null, 2])", ""); }
std::string dense(const std::string& name, const std::string& calls) {
  return layer(name, "Dense", R"(, "units": 2)", calls);
}
std::string operation(const std::string& name, const std::string& class_name, const std::string& config,
                      const std::string& calls) {
  return R"({"module": "keras.src.ops.numpy", "class_name": ")" + class_name + R"(", "config": {"name": ")" + name +
         "\"" + config + R"(}, "registered_name": null, "name": ")" + name + R"(", "inbound_nodes": [)" + calls + "]}";
}
std::string model(const std::string& layers, const std::string& inputs = R"(["x", 0, 0])",
                  const std::string& outputs = R"(["y", 0, 0])") {
  return R"({"module": "keras", "class_name": "Functional", "registered_name": "Functional", "config": {"name": "m",
            "trainable": true, "layers": [)" +
         layers + R"(], "input_layers": )" + inputs + R"(, "output_layers": )" + outputs + "}}";
}

TEST(ModelConfigErrors, TheModelsAboveAreRead) {
  EXPECT_EQ(model_from_json(model(input("x") + ", " + dense("y", called(tensor("x"))))).output_shape(), (Shape{-1, 2}));
  EXPECT_EQ(model_from_json(model(input("x") + ", " + operation("y", "Add", "", called(tensor("x") + ", 1.5"))))
                .predict(ops::ones({1, 2}))
                .to_vector<float>(),
            (std::vector<float>{2.5, 2.5}));
}

TEST(ModelConfigErrors, LayersInAnyOrder) {
  EXPECT_EQ(model_from_json(
                model(dense("y", called(tensor("h"))) + ", " + dense("h", called(tensor("x"))) + ", " + input("x")))
                .output_shape(),
            (Shape{-1, 2}));
}

TEST(ModelConfigErrors, ReferencesThatDangle) {
  EXPECT_ERROR(ValueError, model_from_json(model(input("x") + ", " + dense("y", called(tensor("z"))))),
               "[m] In model 'm', layer 'y' refers to a layer that does not exist: 'z'.");
  EXPECT_ERROR(ValueError, model_from_json(model(input("x") + ", " + dense("y", called(tensor("x", 1))))),
               "[m] In model 'm', layer 'y' refers to call 1 of layer 'x', which has 1 call.");
  EXPECT_ERROR(ValueError, model_from_json(model(input("x") + ", " + dense("y", called(tensor("x", -1))))),
               "[m] In model 'm', layer 'y' refers to call -1 of layer 'x', which has 1 call.");
  EXPECT_ERROR(ValueError, model_from_json(model(input("x") + ", " + dense("y", called(tensor("x", 0, 1))))),
               "[m] In model 'm', layer 'y' refers to output 1 of layer 'x', which has 1 output.");
  EXPECT_ERROR(ValueError, model_from_json(model(input("x") + ", " + dense("y", called(tensor("x", 0, -1))))),
               "[m] In model 'm', layer 'y' refers to output -1 of layer 'x'. Expected at least 0.");
  EXPECT_ERROR(ValueError, model_from_json(model(input("x") + ", " + dense("y", ""))),
               "[m] In model 'm', output_layers refers to call 0 of layer 'y', which has 0 calls.");
}

TEST(ModelConfigErrors, Loops) {
  EXPECT_ERROR(ValueError,
               model_from_json(
                   model(input("x") + ", " + dense("a", called(tensor("y"))) + ", " + dense("y", called(tensor("a"))))),
               "[m] The graph of model 'm' has a loop through layer 'a'.");
  EXPECT_ERROR(ValueError, model_from_json(model(input("x") + ", " + dense("y", called(tensor("y"))))),
               "[m] The graph of model 'm' has a loop through layer 'y'.");
}

TEST(ModelConfigErrors, Names) {
  EXPECT_ERROR(ValueError, model_from_json(model(input("x") + ", " + input("x"))),
               "[m] Model 'm' has two layers with the name 'x'.");
  EXPECT_ERROR(ValueError, model_from_json(model("{}")), "[m] Layer 0 of model 'm' has no name.");
  EXPECT_ERROR(ValueError, model_from_json(model("7")), "[m] Layer 0 of model 'm' is no object: 7.");
}

TEST(ModelConfigErrors, InputsAndOutputs) {
  const std::string layers = input("x") + ", " + dense("y", called(tensor("x")));
  EXPECT_ERROR(ValueError, model_from_json(model(layers, R"(["y", 0, 0])")),
               "[m] The input_layers of model 'm' hold 'y', which is no InputLayer.");
  EXPECT_ERROR(ValueError, model_from_json(model(layers, R"(["x", 0, 0])", "7")),
               "[m] The output_layers of model 'm' are wrong. Expected [\"layer\", call, output], a list or an object "
               "of these, received 7.");
  EXPECT_ERROR(ValueError, model_from_json(model(layers, R"(["x", 0, 0])", R"(["z", 0, 0])")),
               "[m] In model 'm', output_layers refers to a layer that does not exist: 'z'.");
  EXPECT_ERROR(ValueError, model_from_json(model(layers, "[]")), "[Model] A model needs at least one input.");
  EXPECT_ERROR(
      ValueError,
      model_from_json(model(input("x") + ", " + input("z") + ", " + dense("y", called(tensor("x"))), R"(["z", 0, 0])")),
      "[Model] Graph disconnected: an output depends on the input 'x' of shape (?, 2), which is not among the "
      "inputs. Hint: add it to the model's inputs.");
}

TEST(ModelConfigErrors, AnInputLayerThatIsCalled) {
  const std::string called_input = layer("x", "InputLayer", R"(, "batch_shape": [null, 2])", called(tensor("y")));
  EXPECT_ERROR(ValueError, model_from_json(model(called_input + ", " + dense("y", called(tensor("x"))))),
               "[m] The InputLayer 'x' is called, which Keras cannot do.");
}

TEST(ModelConfigErrors, ValuesOfTheWrongKind) {
  const std::string dropout =
      layer("y", "Dropout", R"(, "rate": 0.5, "seed": {"class_name": "SeedGenerator"})", called(tensor("x")));
  EXPECT_ERROR_WITH(ValueError, model_from_json(model(input("x") + ", " + dropout)),
                    "Expected a seed, received {\"class_name\": \"SeedGenerator\"}.");
  std::string compiled = model(input("x") + ", " + dense("y", called(tensor("x"))));
  compiled.insert(compiled.size() - 1, R"(, "compile_config": 7)");
  EXPECT_ERROR_WITH(ValueError, model_from_json(compiled),
                    "[compile_from_config] The compile configuration is no object. Expected {\"optimizer\": ..., "
                    "\"loss\": ...}, received 7.");
}

// An old .h5 tells operations from layers by nothing but "trainable".
TEST(ModelConfigErrors, AClassThatMayBeAnOperation) {
  const std::string call = R"([["x", 0, 0, {}]])";
  const std::string bincount = R"({"class_name": "Bincount", "config": {"name": "y", "axis": -1}, "name": "y", )";
  const std::string own = R"({"class_name": "Bincount", "config": {"name": "y", "trainable": true}, "name": "y", )";
  const std::string calls = "\"inbound_nodes\": " + call + "}";
  EXPECT_ERROR_WITH(ValueError, model_from_json(model(input("x") + ", " + bincount + calls)),
                    "Unknown layer class \"Bincount\".");
  EXPECT_ERROR_WITH(ValueError, model_from_json(model(input("x") + ", " + bincount + calls)),
                    "\n  in layer (or operation of keras.ops, which Kerata may not have) 'y' of model 'm'");
  EXPECT_ERROR_WITH(ValueError, model_from_json(model(input("x") + ", " + own + calls)),
                    "\n  in layer 'y' of model 'm'");
}

TEST(ModelConfigErrors, Calls) {
  auto with_call = [](const std::string& call) { return model(input("x") + ", " + dense("y", call)); };
  EXPECT_ERROR(ValueError, model_from_json(with_call(R"({"args": []})")),
               "[a call of layer 'y'] The config of a call of layer 'y' has no \"kwargs\".");
  EXPECT_ERROR(ValueError, model_from_json(with_call(R"({"args": 1, "kwargs": {}})")),
               "[m] A call of layer 'y' is wrong. Expected a list of args and an object of kwargs, received {\"args\": "
               "1, \"kwargs\": {}}.");
  EXPECT_ERROR(ValueError, model_from_json(with_call(called(""))), "[y] Layer 'y' is called without a tensor.");
  EXPECT_ERROR(ValueError, model_from_json(with_call(called("3"))),
               "[y] Layer 'y' is called with an argument that is no tensor: 3.");
  EXPECT_ERROR(ValueError, model_from_json(with_call(called(tensor("x"), R"("speed": 3)"))),
               "[y] Layer 'y' is called with the argument `speed`, which Kerata does not know: 3.");
  EXPECT_ERROR(ValueError, model_from_json(with_call(called(tensor("x"), R"("training": "yes")"))),
               "[y] Layer 'y' is called with a wrong `training`: \"yes\".");
  EXPECT_ERROR(ValueError, model_from_json(with_call(called(tensor("x"), R"("mask": 1)"))),
               "[y] Layer 'y' is called with a mask that is no tensor: 1.");
  EXPECT_ERROR(ValueError, model_from_json(with_call(R"([["x", 0]])")),
               "[m] A call of layer 'y' is wrong. Expected [\"layer\", call, output], received [\"x\", 0].");
  EXPECT_ERROR_WITH(ValueError, model_from_json(with_call("7")), "The config of a call of layer 'y' has no \"args\".");
}

TEST(ModelConfigErrors, Operations) {
  auto with_op = [](const std::string& class_name, const std::string& config, const std::string& args) {
    return model(input("x") + ", " + operation("y", class_name, config, called(args)));
  };
  EXPECT_ERROR(ValueError, model_from_json(with_op("Ad", "", tensor("x"))),
               "[y] Operation 'y' is of the class 'Ad' of keras.ops, which Kerata does not have. Hint: did you mean "
               "'Add'?");
  EXPECT_ERROR(ValueError, model_from_json(with_op("Add", "", tensor("x"))),
               "[y] Operation 'y' (Add): The argument `x2` is missing.\n  in operation 'y' (Add)");
  EXPECT_ERROR(ValueError, model_from_json(with_op("Add", "", "1, 2")),
               "[y] The operation is called on constants only.");
  EXPECT_ERROR(ValueError, model_from_json(with_op("Split", R"(, "indices_or_sections": 1000000000)", tensor("x"))),
               "[y] Operation 'y' (Split): Expected at most 65536 sections, received 1000000000.\n  in operation 'y' "
               "(Split)");
  EXPECT_ERROR(
      ValueError,
      model_from_json(with_op(
          "Add", "",
          tensor("x") + R"(, {"class_name": "__tensor__", "config": {"value": [1, [2]], "dtype": "float32"}})")),
      "[y] The constant in the call of 'y' is ragged.");
  EXPECT_ERROR_WITH(ShapeError, model_from_json(with_op("Concatenate", R"(, "axis": 7)", "[" + tensor("x") + "]")),
                    "in operation 'y' (Concatenate)");
}

TEST(ModelConfigErrors, ArgumentsOfOperations) {
  const std::string slice = R"({"class_name": "__slice__", "config": {"start": null, "stop": null, "step": null}})";
  const struct {
    const char* class_name;
    std::string config, further_args, text;
  } cases[] = {
      {"Add", "", R"(, "two")", "Expected a tensor, received \"two\"."},
      {"Round", R"(, "decimals": 301)", "", "Expected -300 to 300 decimals, received 301."},
      {"Pad", R"(, "pad_width": [[0, 0], [1, 2, 3]])", "", "Expected pairs of widths in \"pad_width\"."},
      {"GetItem", "", ", [" + slice + ", 0, 0]", "There are more indices than the 2 axes of x."},
      {"GetItem", "", R"(, [true])", "Expected slices, numbers, None, ... or a tensor as the index, received true."},
      {"GetItem", "", R"(, {"class_name": "__slice__", "config": {"start": null, "stop": null, "step": -2}})",
       "Of the slices that go backwards only x[::-1] is supported."},
  };
  for (const auto& [class_name, config, further_args, text] : cases) {
    const std::string json =
        model(input("x") + ", " + operation("y", class_name, config, called(tensor("x") + further_args)));
    const std::string place = std::string("'y' (") + class_name + ")";
    EXPECT_ERROR(ValueError, model_from_json(json),
                 "[y] Operation " + place + ": " + text + "\n  in operation " + place);
  }
}

TEST(ModelConfigErrors, ArgumentsOfCoreOperations) {
  auto with_op = [](const std::string& class_name, const std::string& config, const std::string& args) {
    std::string y = operation("y", class_name, config, called(args));
    y.replace(y.find("ops.numpy"), 9, "ops.core");
    return model(input("x") + ", " + y);
  };
  EXPECT_ERROR_WITH(ValueError, model_from_json(with_op("Slice", R"(, "shape": [1, 1])", tensor("x"))),
                    "[y] Operation 'y' (Slice): The argument `start_indices` is missing.");
  EXPECT_ERROR_WITH(
      ValueError,
      model_from_json(
          with_op("ScatterUpdate", R"(, "reduction": "add")",
                  tensor("x") + R"(, {"class_name": "__tensor__", "config": {"value": [[0, 0]], "dtype": "int32"}}, )" +
                      tensor("x"))),
      "[y] Operation 'y' (ScatterUpdate): Expected indices of shape (updates, 1), received (1, 2).");
}

TEST(ModelConfigErrors, FunctionsOfTensorflow) {
  auto with_function = [](const std::string& name, const std::string& kwargs) {
    return model(input("x") + R"(, {"class_name": "TFOpLambda", "name": "y", "config": {"name": "y", "function": ")" +
                 name + R"("}, "inbound_nodes": [["x", 0, 0, {)" + kwargs + "}]]}");
  };
  EXPECT_EQ(model_from_json(with_function("math.add", R"("y": 2.0)")).predict(ops::ones({1, 2})).to_vector<float>(),
            (std::vector<float>{3, 3}));
  EXPECT_ERROR(
      ValueError, model_from_json(with_function("math.ad", R"("y": 2.0)")),
      "[y] Layer 'y' calls TensorFlow's function tf.math.ad, which Kerata does not have between layers. Hint: did "
      "you mean tf.math.add?");
  EXPECT_ERROR(ValueError, model_from_json(with_function("math.add", R"("z": 2.0)")),
               "[y] Layer 'y' gives tf.math.add the argument `z` = 2, which Kerata does not know.");
  EXPECT_ERROR(
      ValueError,
      model_from_json(model(input("x") + R"(, {"class_name": "TFOpLambda", "name": "y", "config": {"name": "y"},
                                     "inbound_nodes": [["x", 0, 0, {}]]})")),
      "[y] Layer 'y' does not say which function of TensorFlow it calls.");
}

TEST(ModelConfigErrors, AnInputThatIsCalled) {
  const std::string called_input = layer("x", "InputLayer", R"(, "batch_shape": [null, 2])", called(tensor("z")));
  EXPECT_ERROR(ValueError,
               model_from_json(model(input("z") + ", " + called_input + ", " + dense("y", called(tensor("x"))))),
               "[m] The InputLayer 'x' is called, which Keras cannot do.");
}

// Found by mutated_configs_test.
TEST(ModelConfigErrors, SlicesWithoutBounds) {
  EXPECT_ERROR(
      ValueError,
      model_from_json(model(input("x") + ", " +
                            operation("y", "GetItem", "", called(tensor("x") + R"(, {"class_name": "__slice__"})")))),
      "[y] Operation 'y' (GetItem): A slice has no bounds: {\"class_name\": \"__slice__\"}.\n  in operation 'y' "
      "(GetItem)");
}

TEST(ModelConfigErrors, WhatIsNoModel) {
  EXPECT_ERROR(ValueError, model_from_json("7"),
               "[model_from_config] Expected the config of a model, {\"class_name\", \"config\"}, received 7.");
  EXPECT_ERROR(ValueError, model_from_json(R"({"class_name": "Dense", "config": {"units": 2}})"),
               "[model_from_config] Expected a model, received a layer of the class Dense.");
  EXPECT_ERROR(ValueError, model_from_json(R"({"class_name": "Functional", "config": {"name": "m"}})"),
               "[m] The config of m has no \"layers\".");
  EXPECT_ERROR(ValueError, model_from_json(R"({"class_name": "Sequential", "config": {"name": "s"}})"),
               "[s] The config of the Sequential 's' has no list \"layers\": {\"name\": \"s\"}.");
  EXPECT_ERROR(ValueError, model_from_json("{\n \"a\": }"),
               "[model_from_json] This is no valid JSON: line 2, column 7: Expected a value.");
}

TEST(ModelConfigErrors, SizesThatNoMemoryHolds) {
  auto with_units = [](const std::string& units) {
    return model(input("x") + ", " + layer("y", "Dense", ", \"units\": " + units, called(tensor("x"))));
  };
  EXPECT_ERROR(ValueError, model_from_json(with_units("4000000000000000")),
               "[model_from_config] The model is too large for this machine's memory.");
  EXPECT_ERROR_WITH(ValueError, model_from_json(with_units("NaN")), "in layer 'y' of model 'm'");
  EXPECT_ERROR_WITH(ValueError, model_from_json(with_units("-3")), "in layer 'y' of model 'm'");
}

TEST(ModelConfigErrors, LongChainsTakeLinearTime) {
  // Listed from the last to the first, which makes an algorithm that passes over the list again quadratic.
  std::string layers;
  constexpr int kLength = 20000;
  for (int i = kLength; i > 0; --i)
    layers += operation(i == kLength ? "y" : "n" + std::to_string(i), "Negative", "",
                        called(tensor(i == 1 ? "x" : "n" + std::to_string(i - 1)))) +
              ", ";
  EXPECT_EQ(model_from_json(model(layers + input("x"))).output_shape(), (Shape{-1, 2}));
}

TEST(ModelConfigErrors, WritingWhatKerasDoesNotHave) {
  const Tensor x = Input({2}, {.name = "x"});
  const Variable w("w", Role::trainable, ops::ones({2}));
  EXPECT_ERROR(StateError, Model(x, x * w).to_json(),
               "[multiply] The operation 'multiply' reads a variable that belongs to no layer, so the model has no "
               "config. Hint: put it into a layer of your own, with add_weight().");
  const Tensor noise = random::uniform({3, 2}) + x;
  EXPECT_NE(Model(x, noise).to_json().find("__tensor__"), std::string::npos);  // drawn once, a constant
  const Tensor steps = Input({-1, 2}, {.name = "steps"});
  const Model broadcast(steps, ops::broadcast_to(ops::array({{{1.0, 2.0}}}), steps.shape()) + steps);
  EXPECT_EQ(broadcast.predict(ops::zeros({1, 2, 2}), {.verbose = 0}).to_vector<float>(),
            (std::vector<float>{1, 2, 1, 2}));
  EXPECT_ERROR(StateError, broadcast.to_json(),
               "[broadcast_to] The shape of broadcast_to, (?, ?, 2), has a size that is known at run time only, and "
               "Keras's config cannot say that.");
  const ops::ScanResult scanned = ops::scan(
      [](const Tensors& carry, const Tensors&) { return ops::ScanStep{{carry[0] * 2}}; }, x, {}, {.length = 3});
  EXPECT_ERROR(StateError, Model(x, scanned.carry[0]).to_json(),
               "[scan] The op 'scan' (operation 'scan') stands between the layers of the model, and Keras has no "
               "operation for it, so the model has no config. Hint: put it into a layer of your own.");
}

}  // namespace
}  // namespace kerata
