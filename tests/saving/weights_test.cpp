// save_weights and load_weights: groups as Keras's, arrays by name; all or nothing.
#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "kerata/kerata.h"
#include "saving/hdf5_file.h"
#include "saving/npz_file.h"
#include "support/errors.h"
#include "support/golden.h"
#include "support/temporary_folder.h"

namespace kerata {
namespace {

using namespace layers;
using ::testing::HasSubstr;

class TwoPartsLayer : public ModelLayer {
 public:
  Tensors call(const Tensors& x, const CallContext&) const override { return {last_(out_(hidden_(x)))}; }

 private:
  Dense hidden_ = add_layer("hidden", Dense(2));
  Dense out_ = add_layer("out", Dense(1));
  Dense last_ = add_layer("_last", Dense(1));
};
using TwoParts = ModelRef<TwoPartsLayer>;

Model functional() {
  const Tensor a = Input({6}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Tensor x = BatchNormalization()(Dropout(0.3)(Dense(3)(a)));
  const Sequential inner({Input({3}), Dense(2, {.name = "dense_1"}), Dropout(0.1, {.name = "dropout_1"})},
                         {.name = "inner"});
  const Tensor y = LSTM(2, {.name = "r"})(Embedding(7, 3)(b));
  const Tensor z = concatenate({inner(x), y});
  return Model({a, b}, Dense(1, {.name = "dense_2"})(z * 2.0), {.name = "net"});
}

Model sequential() {
  return Sequential({Input({6}), Dense(3, {.name = "first"}), Dense(1, {.use_bias = false})}, {.name = "row"});
}

Model trained(Model model, const std::vector<Shape>& shapes) {
  model.compile({.optimizer = "adam", .loss = "mean_squared_error"});
  Tensors x;
  for (const Shape& shape : shapes) x.push_back(ops::ones(shape));
  model.fit(x, ops::ones({2, 1}), {.verbose = 0});
  return model;
}

/// Everything in an HDF5 file, in the golden file's form. Types of integers differ: Keras's iteration is int32.
void list(const saving::Hdf5Reader& file, const std::string& group, golden::Json& entries) {
  for (const std::string& name : file.children(group)) {
    const std::string path = group.empty() ? name : group + "/" + name;
    golden::Json entry{{"attributes", golden::Json::object()}};
    if (const auto text = file.text_attribute(path, "name")) entry["attributes"]["name"] = *text;
    for (const char* attribute : {"layer_names", "weight_names"})
      if (file.has_group(path))
        if (const auto texts = file.texts_attribute(path, attribute)) entry["attributes"][attribute] = *texts;
    if (file.has_dataset(path)) {
      const auto info = file.info(path);
      entry["shape"] = info.shape.to_vector();
      entry["dtype"] = info.dtype == DType::int64 ? "int32" : to_string(info.dtype);
    }
    entries[path] = entry;
    if (file.has_group(path)) list(file, path, entries);
  }
}

class Weights : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return folder_.file(name); }
  TemporaryFolder folder_;
};

std::vector<float> content(const Model& model) {
  std::vector<float> all;
  for (const Variable& variable : model.weights())
    for (float value : variable.value().to_vector<float>()) all.push_back(value);
  return all;
}

void expect_listing(const std::string& path, const golden::Json& expected) {
  const saving::Hdf5Reader file({path, 0, 0, {}});
  golden::Json actual = golden::Json::object();
  list(file, "", actual);
  for (const auto& [name, entry] : expected.items()) {
    ASSERT_TRUE(actual.contains(name)) << name;
    EXPECT_EQ(nlohmann::json(actual[name]), nlohmann::json(entry)) << name;
  }
  for (const auto& entry : actual.items()) EXPECT_TRUE(expected.contains(entry.key())) << entry.key();
}

/// The names of weights below a layer are not part of the format: Keras puts the names of models around it before some.
void expect_old_listing(const std::string& path, const golden::Json& expected) {
  const saving::Hdf5Reader file({path, 0, 0, {}});
  EXPECT_EQ(golden::Json(file.texts_attribute("model_weights", "layer_names").value()),
            expected.at("model_weights").at("attributes").at("layer_names"));
  for (const auto& [group, entry] : expected.items()) {
    if (!entry.at("attributes").contains("weight_names")) continue;
    const golden::Json& names = entry.at("attributes").at("weight_names");
    const auto found = file.texts_attribute(group, "weight_names");
    ASSERT_TRUE(found.has_value()) << group;
    ASSERT_EQ(found->size(), names.size()) << group;
    for (std::size_t i = 0; i < names.size(); ++i)
      EXPECT_EQ(golden::Json(file.info(group + "/" + (*found)[i]).shape.to_vector()),
                expected.at(group + "/" + names[i].get<std::string>()).at("shape"))
          << group;
  }
}

TEST_F(Weights, FilesHaveTheGroupsThatKerasGivesThem) {
  const golden::Json& cases = golden::open("weight_groups")["cases"];
  const std::pair<const char*, Model> models[] = {
      {"functional", trained(functional(), {{2, 6}, {2, 4}})},
      {"sequential", trained(sequential(), {{2, 6}})},
      {"subclassed", trained(TwoParts({.name = "two_parts"}), {{2, 3}})},
  };
  for (const auto& [name, model] : models) {
    SCOPED_TRACE(name);
    model.save_weights(at("m.weights.h5"));
    expect_listing(at("m.weights.h5"), cases.at(name).at("weights"));
    if (!cases.at(name).contains("h5")) continue;
    model.save(at("m.h5"));
    expect_old_listing(at("m.h5"), cases.at(name).at("h5"));
  }
}

TEST_F(Weights, EveryFormIsReadBack) {
  const auto nested = [] {  // whose layers may be called as others are
    const Tensor x = Input({6});
    return Model(x, Dense(2)(Sequential({Input({6}), Dense(3), BatchNormalization()})(x)));
  };
  const Model model = nested();
  for (const char* name : {"m.weights.h5", "m.npz", "m.safetensors", "m.keras", "m.h5"}) {
    SCOPED_TRACE(name);
    std::string(name) == "m.keras" || std::string(name) == "m.h5" ? model.save(at(name)) : model.save_weights(at(name));
    Model other = nested();
    ASSERT_NE(content(other), content(model));
    other.load_weights(at(name));
    EXPECT_EQ(content(other), content(model));
  }
}

TEST_F(Weights, SubclassedModelsByTheNamesOfTheirParts) {
  const Model model = trained(TwoParts(), {{2, 3}});
  model.save_weights(at("m.weights.h5"));
  Model other = TwoParts();
  other.build({-1, 3});
  other.load_weights(at("m.weights.h5"));
  EXPECT_EQ(content(other), content(model));
}

TEST_F(Weights, TheStateOfABuiltOptimizerIsRead) {
  const Model model = trained(sequential(), {{2, 6}});
  model.save_weights(at("m.weights.h5"));
  Model other = trained(sequential(), {{2, 6}});
  other.fit(ops::ones({2, 6}), ops::ones({2, 1}), {.epochs = 3, .verbose = 0});
  other.load_weights(at("m.weights.h5"));
  EXPECT_EQ(other.optimizer().iterations(), 1);
}

TEST_F(Weights, AnOptimizerThatIsNotBuiltKeepsItsRate) {
  const Model model = trained(sequential(), {{2, 6}});
  model.save_weights(at("m.weights.h5"));
  Model other = sequential();
  other.compile({.optimizer = optimizers::Adam(0.5), .loss = "mse"});
  ::testing::internal::CaptureStderr();
  other.load_weights(at("m.weights.h5"));
  EXPECT_THAT(
      ::testing::internal::GetCapturedStderr(),
      HasSubstr("Skipping variable loading for optimizer 'adam', because it has 2 variables whereas the saved "
                "optimizer has 8 variables. This is likely because the optimizer has not been called/built yet."));
  EXPECT_EQ(other.optimizer().learning_rate(), 0.5);
  EXPECT_EQ(content(other), content(model));
}

TEST_F(Weights, AMismatchLeavesEveryWeightAsItWas) {
  sequential().save_weights(at("m.weights.h5"));
  Model other = Sequential({Input({6}), Dense(3), Dense(2, {.use_bias = false, .name = "last"})});
  const std::vector<float> before = content(other);
  EXPECT_ERROR_WITH(
      ValueError, other.load_weights(at("m.weights.h5")),
      "[Model.load_weights] A total of 1 objects could not be loaded. Example error message for object "
      "<Dense name=last, built=True>:\n\n[" +
          at("m.weights.h5") +
          "] The shape of the target variable and the shape of the target value must match. 'last/kernel' "
          "has shape (3, 2), received shape (3, 1) from 'layers/dense_1/vars/0'.\n\nList of objects that "
          "could not be loaded:\n[<Dense name=last, built=True>]");
  EXPECT_EQ(content(other), before);
}

TEST_F(Weights, SkipMismatchTakesTheLayersThatFit) {
  const Model model = sequential();
  model.save_weights(at("m.weights.h5"));
  Model other = Sequential({Input({6}), Dense(3), Dense(2, {.use_bias = false, .name = "last"})});
  const std::vector<float> last = other.weights()[2].value().to_vector<float>();
  ::testing::internal::CaptureStderr();
  other.load_weights(at("m.weights.h5"), {.skip_mismatch = true});
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("Warning: A total of 1 objects could not be loaded."));
  EXPECT_EQ(other.weights()[0].value().to_vector<float>(), model.weights()[0].value().to_vector<float>());
  EXPECT_EQ(other.weights()[2].value().to_vector<float>(), last);
}

TEST_F(Weights, OtherNumbersOfVariablesAreNamed) {
  sequential().save_weights(at("m.weights.h5"));
  Model other = Sequential({Input({6}), Dense(3, {.use_bias = false, .name = "one"}), Dense(1)});
  EXPECT_ERROR_WITH(
      ValueError, other.load_weights(at("m.weights.h5")),
      "Layer 'one' expected 1 variables, but received 2 variables during loading. Expected: ['kernel'] in "
      "'layers/dense/vars'.");
}

TEST_F(Weights, ObjectsToSkipKeepTheirs) {
  const Model model = sequential();
  model.save_weights(at("m.weights.h5"));
  Model other = sequential();
  const std::vector<float> first = other.weights()[0].value().to_vector<float>();
  other.load_weights(at("m.weights.h5"), {.objects_to_skip = {other.get_layer("first")}});
  EXPECT_EQ(other.weights()[0].value().to_vector<float>(), first);
  EXPECT_EQ(other.weights()[2].value().to_vector<float>(), model.weights()[2].value().to_vector<float>());
}

TEST_F(Weights, AnotherTypeOfNumbersIsRefused) {
  sequential().save_weights(at("m.npz"));
  auto arrays = saving::load_npz(at("m.npz"));
  arrays["first/bias"] = arrays["first/bias"].cast("int32");
  saving::save_npz(at("m.npz"), arrays);
  Model other = sequential();
  const std::vector<float> before = content(other);
  EXPECT_ERROR_WITH(ValueError, other.load_weights(at("m.npz")), "'first/bias' holds float32, received int32");
  EXPECT_EQ(content(other), before);
}

TEST_F(Weights, ArraysThatTheModelLacksAndThoseThatTheFileLacks) {
  sequential().save_weights(at("m.npz"));
  auto arrays = saving::load_npz(at("m.npz"));
  arrays["other/bias"] = arrays["first/bias"];
  arrays.erase("first/bias");
  saving::save_npz(at("m.npz"), arrays);
  EXPECT_ERROR_WITH(ValueError, sequential().load_weights(at("m.npz")),
                    "[" + at("m.npz") +
                        "] The file has no array 'first/bias'.\n\nList of objects that could not be loaded:\n"
                        "['first/bias', 'other/bias']");
}

TEST_F(Weights, NumpysPositionalNamesAreTakenInOrder) {
  const Model model = sequential();
  std::map<std::string, Tensor> arrays;
  for (std::size_t i = 0; i < model.weights().size(); ++i)
    arrays["arr_" + std::to_string(i)] = model.weights()[i].value();
  saving::save_npz(at("m.npz"), arrays);
  Model other = sequential();
  other.load_weights(at("m.npz"));
  EXPECT_EQ(content(other), content(model));
}

TEST_F(Weights, WrongNamesOfFiles) {
  Model model = sequential();
  EXPECT_ERROR(ValueError, model.save_weights("m.h5"),
               "[Model.save_weights] The filename must end in `.weights.h5`, `.npz` or `.safetensors`. Received: "
               "filepath=m.h5");
  EXPECT_ERROR(
      ValueError, model.load_weights("m.txt"),
      "[Model.load_weights] File format not supported: filepath=m.txt. Expected `.weights.h5`, `.weights.json`, "
      "`.keras`, a legacy `.h5`, `.npz` or `.safetensors`.");
  EXPECT_ERROR(ValueError, model.load_weights("no.weights.h5"),
               "[Model.load_weights] File not found: filepath=no.weights.h5. Please ensure the file is accessible.");
  EXPECT_ERROR(ValueError, model.load_weights("m.weights.h5", {.by_name = true}),
               "[Model.load_weights] `by_name` only supports loading legacy '.h5' or '.hdf5' files. Received: "
               "m.weights.h5");
  EXPECT_ERROR(ValueError, model.load_weights("m.keras", {.objects_to_skip = {model}}),
               "[Model.load_weights] `objects_to_skip` only supports loading '.weights.h5' files. Received: m.keras");
  model.save_weights(at("m.weights.h5"));
  EXPECT_ERROR(ValueError, model.save_weights(at("m.weights.h5"), {.overwrite = false}),
               "[Model.save_weights] The file " + at("m.weights.h5") + " exists already, and overwrite is false.");
}

TEST_F(Weights, AModelWithoutWeightsYet) {
  Model model = Sequential({Dense(2)});
  EXPECT_ERROR(
      StateError, model.save_weights(at("m.weights.h5")),
      "[Model.save_weights] You are saving a model that has not yet been built. Try building the model first by "
      "calling it on some data or by using `build()`.");
  EXPECT_ERROR(
      StateError, model.load_weights(at("m.weights.h5")),
      "[Model.load_weights] You are loading weights into a model that has not yet been built. Try building the "
      "model first by calling it on some data or by using `build()`.\n  in the file " +
          at("m.weights.h5"));
}

/// Loads in the middle of a training, from another thread and from the one that trains.
class Loading : public Callback {
 public:
  Loading(Model model, std::string path, std::string& message)
      : model_(std::move(model)), path_(std::move(path)), message_(&message) {}
  void on_epoch_end(int, const Logs&) override {
    std::thread([&] {
      try {
        model_.load_weights(path_);
      } catch (const StateError& error) {
        *message_ = error.what();
      }
    }).join();
    model_.load_weights(path_);
  }

 private:
  Model model_;
  std::string path_;
  std::string* message_;
};

TEST_F(Weights, AnotherThreadsTrainingIsNotDisturbed) {
  Model model = sequential();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.save_weights(at("m.weights.h5"));
  const std::vector<float> before = content(model);
  std::string message;
  model.fit(ops::ones({2, 6}), ops::ones({2, 1}),
            {.verbose = 0, .callbacks = {Loading(model, at("m.weights.h5"), message)}});
  EXPECT_THAT(message, HasSubstr("is in use by another thread"));
  EXPECT_EQ(content(model), before);
}

TEST_F(Weights, AShardThatLacksAnArray) {
  Model model = sequential();
  saving::Hdf5Writer shard(at("m_00000.weights.h5"));
  shard.dataset("layers/dense/vars/0", model.get_weights()[0]);
  shard.dataset("layers/dense/vars/2", model.get_weights()[1]);  // for vars/1
  shard.close();
  std::ofstream(at("m.weights.json")) << R"({"weight_map": {"/layers/dense/vars": "m_00000.weights.h5"}})";
  EXPECT_ERROR_WITH(ValueError, model.load_weights(at("m.weights.json")),
                    "[" + at("m.weights.json") + "] No shard holds 'layers/dense/vars/1'.");
}

}  // namespace
}  // namespace kerata
