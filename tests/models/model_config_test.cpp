// Configs of real Keras: read, computed, written again equal.
#include "models/model_config.h"

#include "kerata/kerata.h"
#include "models/config_case.h"
#include "saving/h5_config.h"
#include "saving/json.h"
#include "support/errors.h"
#include "support/golden.h"

namespace kerata::models {
namespace {

using namespace kerata::layers;
using golden::Json;
using testing_configs::difference;
using testing_configs::expect_computes;
using testing_configs::plain;
using testing_configs::written;

const golden::File& file() { return golden::open("model_configs"); }

TEST(ModelConfig, ModelsOfKerasComputeTheSameAndAreWrittenAgainEqual) {
  for (const Json& one : file()["models"]) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Model model = expect_computes(one, file());
    EXPECT_EQ(difference(written(serialize_model(model.impl())), plain(one.at("config"))), "[]");
  }
}

TEST(ModelConfig, OperationsOfKerasComputeTheSameAndAreWrittenAgainEqual) {
  for (const Json& one : file()["operations"]) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Model model = expect_computes(one, file());
    EXPECT_EQ(difference(written(serialize_model(model.impl())), plain(one.at("config"))), "[]");
  }
}

TEST(ModelConfig, ModelsOfKeras2ComputeTheSame) {
  for (const Json& one : file()["tf_keras"]) {
    SCOPED_TRACE(one.at("name").get<std::string>());
    const Model model = expect_computes(one, file());
    const Model again = model_from_config(serialize_model(model.impl()));
    EXPECT_EQ(difference(written(serialize_model(again.impl())), written(serialize_model(model.impl()))), "[]");
  }
}

TEST(ModelConfig, ClonesComputeTheSame) {
  for (const char* section : {"models", "operations", "tf_keras"})
    for (const Json& one : file()[section]) {
      SCOPED_TRACE(one.at("name").get<std::string>());
      const Model model = expect_computes(one, file());
      const Model clone = clone_model(model);
      EXPECT_EQ(difference(written(serialize_model(clone.impl())), written(serialize_model(model.impl()))), "[]");
    }
}

Model with_outputs(const std::vector<std::string>& names) {
  const Tensor x = Input({3});
  std::vector<Tensor> outputs;
  for (const std::string& name : names) outputs.push_back(Dense(1, {.name = name})(x));
  return Model{Tensors(x), Tensors(outputs)};
}

TEST(ModelConfig, CompileConfigsAreWrittenAgainEqual) {
  for (const Json& one : file()["compile"]) {
    SCOPED_TRACE(one.at("config").dump());
    Model model = with_outputs(one.at("outputs").get<std::vector<std::string>>());
    compile_from_config(model, saving::parse_json(one.at("config").dump(), "compile"));
    EXPECT_EQ(difference(written(compile_config(model.impl())), plain(one.at("config"))), "[]");
  }
}

TEST(ModelConfig, TrainingConfigsOfOldFilesAreKerassAndReadAgain) {
  int read_by_keras = 0;
  for (const Json& one : file()["compile"]) {
    SCOPED_TRACE(one.at("h5").dump());
    Model model = with_outputs(one.at("outputs").get<std::vector<std::string>>());
    compile_from_config(model, saving::parse_json(one.at("config").dump(), "compile"));
    nlohmann::json expected = plain(one.at("h5"));
    auto training_config = [&] {
      const Config optimizer = model.optimizer().to_config();
      nlohmann::json config = written(saving::h5_training_config(compile_config(model.impl()), optimizer));
      // Keras does not read its own short names: here they are long.
      if (!one.at("h5_is_read").get<bool>()) config.erase("loss"), expected.erase("loss");
      return config;
    };
    read_by_keras += one.at("h5_is_read").get<bool>();
    EXPECT_EQ(difference(training_config(), expected), "[]");
    compile_from_config(model, saving::parse_json(one.at("h5").dump(), "training_config"));
    // Keras writes functions there by their names, which is what they are from then on.
    EXPECT_EQ(difference(training_config(), expected), "[]");
  }
  EXPECT_GE(read_by_keras, 5);
}

TEST(ModelConfig, CompileArgumentsAreWrittenInTheFormTheyWereGivenIn) {
  auto part = [](const Model& model, const char* key) {
    return saving::to_json(*compile_config(model.impl()).find(key));
  };
  Model model = with_outputs({"a", "b"});
  model.compile({.optimizer = "adam",
                 .loss = {{"a", "mse"}, {"b", losses::mean_absolute_error}},
                 .metrics = {{"b", "mse"}, {"a", {"MAE", metrics::binary_accuracy}}},
                 .weighted_metrics = Metrics::per_output({MetricList(), "mae"})});
  EXPECT_EQ(compile_config(model.impl()).find("optimizer")->find("class_name")->as_text(), "Adam");
  const std::string function = R"({"module": "builtins", "class_name": "function", "config": ")";
  EXPECT_EQ(part(model, "loss"),
            R"({"a": "mse", "b": )" + function + R"(mean_absolute_error", "registered_name": "function"}})");
  EXPECT_EQ(part(model, "metrics"),
            R"({"b": "mse", "a": ["MAE", )" + function + R"(binary_accuracy", "registered_name": "function"}]})");
  EXPECT_EQ(part(model, "weighted_metrics"), R"([null, "mae"])");
  EXPECT_EQ(part(model, "jit_compile"), R"("auto")");
  model.compile({.loss = "mse", .metrics = {"mse"}});
  EXPECT_EQ(part(model, "loss"), R"("mse")");
  EXPECT_EQ(part(model, "metrics"), R"(["mse"])");
  EXPECT_EQ(part(model, "weighted_metrics"), "null");
}

TEST(ModelConfig, JitCompileIsKeptForKeras) {
  Model model = with_outputs({"a"});
  compile_from_config(model, Config::Object{{"loss", "mse"}, {"jit_compile", true}});
  EXPECT_EQ(*compile_config(model.impl()).find("jit_compile"), Config(true));
  model.compile({.loss = "mse"});
  EXPECT_EQ(*compile_config(model.impl()).find("jit_compile"), Config("auto"));
  EXPECT_ERROR(ValueError, compile_from_config(model, Config::Object{{"loss", "mse"}, {"jit_compile", 3}}),
               "[compile_from_config] Expected jit_compile of true, false or \"auto\", received 3.");
}

TEST(ModelConfig, AModelThatIsNotCompiledStaysSo) {
  const Tensor x = Input({3});
  Model model{x, Dense(1)(x)};
  EXPECT_EQ(saving::to_json(compile_config(model.impl())), "{}");
  compile_from_config(model, compile_config(model.impl()));
  EXPECT_FALSE(model.compiled());
}

TEST(ModelConfig, TrainingConfigsOfKeras2) {
  const Config config = saving::parse_json(
      R"({"loss": "mse", "metrics": [["accuracy"]], "weighted_metrics": null, "loss_weights": null,
          "optimizer_config": {"class_name": "SGD", "config": {"name": "SGD", "learning_rate": 0.25, "momentum": 0.5}}})",
      "training_config");
  const Tensor x = Input({3});
  Model model{x, Dense(1)(x)};
  compile_from_config(model, config);
  EXPECT_EQ(model.optimizer().learning_rate(), 0.25);
  EXPECT_EQ(model.train_on_batch(ops::ones({2, 3}), ops::ones({2, 1})).names(),
            (std::vector<std::string>{"loss", "accuracy"}));
}

TEST(ModelConfig, FormsOfInputsAndOutputsAreKept) {
  const Tensor a = Input({2}, {.name = "a"}), b = Input({2}, {.name = "b"});
  const Model named({{"a", a}, {"b", b}}, {{"z", a + b}, {"main", a - b}});
  const Config config = named.get_config();
  EXPECT_EQ(to_string(*config.find("input_layers")), R"({"a": ["a", 0, 0], "b": ["b", 0, 0]})");
  EXPECT_EQ(to_string(*config.find("output_layers")), R"({"z": ["add", 0, 0], "main": ["subtract", 0, 0]})");
  const Model again = Model::from_config(config);
  EXPECT_EQ(again.output_names(), (std::vector<std::string>{"z", "main"}));
  const Tensors y = again.call_all({{"b", ops::ones({1, 2})}, {"a", ops::zeros({1, 2})}});
  EXPECT_EQ(y["main"].to_vector<float>(), (std::vector<float>{-1, -1}));
}

TEST(ModelConfig, SequentialsComeBackAsSequentials) {
  const Sequential model({Input({4}), Dense(3), Dense(2)}, {.name = "stack"});
  const Model again = model_from_json(model.to_json());
  EXPECT_EQ(again.class_name(), "Sequential");
  EXPECT_EQ(again.name(), "stack");
  EXPECT_EQ(again.output_shape(), (Shape{-1, 2}));
  EXPECT_EQ(again.to_json(), model.to_json());
}

TEST(ModelConfig, SequentialsOfKeras1AreBareLists) {
  const std::string layers =
      R"([{"class_name": "Dense", "config": {"name": "a", "units": 3, "batch_input_shape": [null, 4], "dtype": "float32"}},
          {"class_name": "Dense", "config": {"name": "b", "units": 2}}])";
  for (const std::string& text : {layers, R"({"class_name": "Sequential", "config": )" + layers + "}"}) {
    const Model model = model_from_json(text);
    EXPECT_EQ(model.input_shape(), (Shape{-1, 4}));
    EXPECT_EQ(model.output_shape(), (Shape{-1, 2}));
    EXPECT_EQ(model.layers()[0].name(), "a");
  }
}

class TwiceLayer : public ModelLayer {
 public:
  explicit TwiceLayer(Dim units) : dense_(add_layer("dense", Dense(units))) {}
  static constexpr std::array kArguments{"units"};
  Tensors call(const Tensors& x, const CallContext&) const override { return dense_(x) * 2; }

 private:
  Dense dense_;
};
using Twice = ModelRef<TwiceLayer, Dim>;

TEST(ModelConfig, SubclassedModelsThatAreRegistered) {
  register_layer<Twice>("config_test>Twice");
  const Twice model(3, {.name = "double"});
  EXPECT_EQ(model(ops::ones({1, 2})).shape(), (Shape{1, 3}));
  const Model again = model_from_json(model.to_json());
  EXPECT_EQ(again.name(), "double");
  EXPECT_EQ(again.class_name(), "config_test>Twice");
  ASSERT_TRUE(again.built());
  EXPECT_EQ(again.weights()[0].shape(), (Shape{2, 3}));
  EXPECT_EQ(again.to_json(), model.to_json());
}

TEST(ModelConfig, SubclassedModelsThatNobodyKnows) {
  const Config config = Config::Object{{"module", nullptr},
                                       {"class_name", "Unheard"},
                                       {"config", Config::Object{{"name", "a"}}},
                                       {"registered_name", "mine>Unheard"}};
  EXPECT_ERROR_WITH(ValueError, model_from_config(config), "Unknown layer class \"Unheard\"");
  EXPECT_ERROR_WITH(ValueError, model_from_config(config), "register_layer<Unheard>(\"mine>Unheard\")");
}

TEST(ModelConfig, LambdaLayersNeedAFunction) {
  const Config lambda = saving::parse_json(
      R"({"module": "keras.layers", "class_name": "Lambda", "registered_name": null, "config": {"name": "twice",
          "function": {"class_name": "__lambda__", "config": {"code": "4wEA", "defaults": null, "closure": null}},
          "arguments": {}}})",
      "test");
  const Config input = InputLayer({3}, {.name = "x"}).get_config();
  const Config sequential = Config::Object{
      {"name", "s"},
      {"layers",
       Config(Config::List{Config(Config::Object{{"class_name", "InputLayer"}, {"config", input}}), lambda})}};
  EXPECT_ERROR(
      ValueError, Model::from_config(sequential),
      "[twice] Layer 'twice' is a Lambda layer. What it computes is Python code, and code from a file is never "
      "run. Hint: give a C++ function for it, LoadOptions{.lambdas = {{\"twice\", [](const Tensor& x) { return "
      "...; }}}}.\n  in the Sequential 's'");
  EXPECT_ERROR_WITH(ValueError, Model::from_config(sequential, {.lambdas = {{"twice", LambdaFunction()}}}),
                    "[twice] The function for the Lambda layer 'twice' is empty.");
  const Model model = Model::from_config(sequential, {.lambdas = {{"twice", [](const Tensor& x) { return x * 2; }}}});
  EXPECT_EQ(model.predict(ops::ones({1, 3})).to_vector<float>(), (std::vector<float>{2, 2, 2}));
  EXPECT_NE(model.to_json().find("4wEA"), std::string::npos);  // Python can read it again
  EXPECT_EQ(clone_model(model).predict(ops::ones({1, 3})).to_vector<float>(), (std::vector<float>{2, 2, 2}));
}

TEST(ModelConfig, LayersCalledOnConstants) {
  const Tensor x = Input({2}, {.name = "x"});
  const Model model(x, layers::add({x, ops::array({{1.0, 2.0}})}));
  const Model again = model_from_json(model.to_json());
  EXPECT_EQ(again.predict(ops::ones({1, 2})).to_vector<float>(), (std::vector<float>{2, 3}));
  EXPECT_EQ(again.to_json(), model.to_json());
}

// Keras's fit() and predict() replace a training flag that a file holds; one given in C++ stays.
TEST(ModelConfig, TrainingFlagsOfFilesGiveWayToTheModels) {
  const Tensor x = Input({64}, {.name = "x"});
  const Model given(x, Dropout(0.5)(x, {.training = true}));
  const Model read = model_from_json(given.to_json());
  EXPECT_EQ(read.to_json(), given.to_json());
  const Tensor ones = ops::ones({1, 64});
  EXPECT_EQ(ops::sum(ops::equal(read.predict(ones), 1.0)).item(), 64);
  EXPECT_EQ(ops::sum(ops::equal(given.predict(ones), 1.0)).item(), 0);
}

TEST(ModelConfig, NamesOfOperationsAreKept) {
  const Tensor x = Input({2}, {.name = "x"});
  Config config = Model(x, x + 1.0).get_config();
  const Config renamed = saving::parse_json(
      [&] {
        std::string text = saving::to_json(config);
        for (std::size_t at; (at = text.find("\"add\"")) != std::string::npos;) text.replace(at, 5, "\"sum_7\"");
        return text;
      }(),
      "test");
  EXPECT_EQ(Model::from_config(renamed).output_names(), std::vector<std::string>{"sum_7"});
}

}  // namespace
}  // namespace kerata::models
