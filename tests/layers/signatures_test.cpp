// Names, order and defaults of all Options against Keras's constructors (tests/golden/signatures.json).
#include <gtest/gtest.h>

#include "kerata/initializers/initializers.h"
#include "kerata/layers/layers.h"
#include "kerata/regularizers/regularizers.h"
#include "layers/signature.h"

namespace kerata {
namespace {

using test::members;
using test::Reasons;

const Reasons kOnlyInKeras = {
    {"*.autocast", "casting is a property of the layer class"},
    {"Dense.lora_rank", "low-rank adapters are not offered"},
    {"Dense.lora_alpha", "low-rank adapters are not offered"},
    {"Dense.quantization_config", "quantized layers are not offered"},
    {"Embedding.lora_rank", "low-rank adapters are not offered"},
    {"Embedding.lora_alpha", "low-rank adapters are not offered"},
    {"Embedding.quantization_config", "quantized layers are not offered"},
    {"InputLayer.sparse", "there are no sparse tensors"},
    {"InputLayer.ragged", "there are no ragged tensors"},
    {"InputLayer.batch_shape", "shape and .batch_size say the same"},
    {"InputLayer.input_tensor", "a tensor that exists is used as it is"},
    {"InputLayer.optional", "every input of a model is given"},
    {"InputLayer.trainable", "an input has no weights"},
    {"layers.Input.sparse", "there are no sparse tensors"},
    {"layers.Input.ragged", "there are no ragged tensors"},
    {"layers.Input.batch_shape", "shape and .batch_size say the same"},
    {"layers.Input.tensor", "a tensor that exists is used as it is"},
    {"layers.Input.optional", "every input of a model is given"},
};
const Reasons kOnlyInKerata = {
    {"*.input_shape", "size of a first layer in a Sequential, as in Keras 2"},
    {"Dense.input_dim", "old spelling of input_shape, as in Keras 2"},
};
// Keras's documentation lists activity_regularizer for these; all other layers only swallow it in **kwargs.
const std::set<std::string> kWithActivityRegularizer = {"Dense", "Conv2D", "LSTM", "Embedding"};

const golden::Json& signature(const char* family, const std::string& name) {
  return golden::open("signatures")[family].at(name);
}

template <class T>
std::vector<std::string> positional_of() {
  std::vector<std::string> names;
  if constexpr (requires { T::kArguments; })
    for (const char* name : T::kArguments) names.emplace_back(name);
  return names;
}

/// `more`: fields that are not saved, so that they are not in fields().
template <class Ref, class... More>
void check_layer(std::set<std::string>& checked, const std::string& name, const More&... more) {
  using Options = typename Ref::Options;
  Reasons only_in_keras = kOnlyInKeras;
  if (!kWithActivityRegularizer.contains(name)) only_in_keras[name + ".activity_regularizer"] = "only in **kwargs";
  const auto list = members<Options>(std::tuple_cat(Options::fields(), std::tuple{more...}));
  test::expect_no_gaps<Options>(list, name);
  test::SignatureCheck(name, signature("layers", name), only_in_keras, kOnlyInKerata)
      .run(positional_of<typename Ref::Implementation>(), list);
  checked.insert(name);
}

/// The same, for the many whose one unsaved field is input_shape.
template <class Ref>
void check_plain_layer(std::set<std::string>& checked, const std::string& name) {
  check_layer<Ref>(checked, name, field("input_shape", &Ref::Options::input_shape));
}

void expect_all_checked(const char* family, const std::set<std::string>& checked) {
  for (const auto& [name, value] : golden::open("signatures")[family].items())
    EXPECT_TRUE(checked.contains(name)) << name << " is not compared";
}

constexpr auto input_fields() {
  using Options = InputOptions;
  return std::tuple{field("batch_size", &Options::batch_size), field("dtype", &Options::dtype),
                    field("name", &Options::name)};
}

TEST(Signatures, OfLayers) {
  using namespace layers;
  std::set<std::string> done;
  check_layer<Dense>(done, "Dense", field("input_shape", &Dense::Options::input_shape),
                     field("input_dim", &Dense::Options::input_dim));
  check_layer<LSTM>(done, "LSTM", field("input_shape", &LSTM::Options::input_shape),
                    field("use_cudnn", &LSTM::Options::use_cudnn));
  check_layer<Embedding>(done, "Embedding", field("input_shape", &Embedding::Options::input_shape),
                         field("weights", &Embedding::Options::weights));
  check_layer<Concatenate>(done, "Concatenate");
  check_plain_layer<Activation>(done, "Activation");
  check_plain_layer<Flatten>(done, "Flatten");
  check_plain_layer<Reshape>(done, "Reshape");
  check_plain_layer<Dropout>(done, "Dropout");
  check_plain_layer<BatchNormalization>(done, "BatchNormalization");
  check_plain_layer<Normalization>(done, "Normalization");
  check_plain_layer<Conv2D>(done, "Conv2D");
  check_plain_layer<MaxPooling2D>(done, "MaxPooling2D");
  check_plain_layer<AveragePooling2D>(done, "AveragePooling2D");
  check_plain_layer<GlobalAveragePooling2D>(done, "GlobalAveragePooling2D");
  check_plain_layer<GlobalMaxPooling2D>(done, "GlobalMaxPooling2D");
  check_plain_layer<Add>(done, "Add");
  check_plain_layer<Subtract>(done, "Subtract");
  check_plain_layer<Multiply>(done, "Multiply");
  check_plain_layer<Average>(done, "Average");
  check_plain_layer<Maximum>(done, "Maximum");
  check_plain_layer<Minimum>(done, "Minimum");
  Reasons only_in_keras = kOnlyInKeras;
  only_in_keras["InputLayer.activity_regularizer"] = "only in **kwargs";
  const auto fields = members<InputOptions>(input_fields());
  test::expect_no_gaps<InputOptions>(fields, "Input");
  Reasons order = only_in_keras;  // Keras has dtype among its own parameters, before the name
  for (const char* name : {"InputLayer.dtype", "InputLayer.name"}) order[name] = "compared as layers.Input";
  Reasons ours = kOnlyInKerata;
  for (const char* name : {"InputLayer.dtype", "InputLayer.name"}) ours[name] = "compared as layers.Input";
  test::SignatureCheck("InputLayer", signature("layers", "InputLayer"), order, ours).run({"shape"}, fields);
  done.insert("InputLayer");
  expect_all_checked("layers", done);
}

TEST(Signatures, OfLayerFunctions) {
  test::SignatureCheck("layers.Input", signature("functions", "layers.Input"), kOnlyInKeras, kOnlyInKerata)
      .run({"shape"}, members<InputOptions>(input_fields()));
  std::set<std::string> done = {"layers.Input"};
  const Reasons kwargs = {{"layers.concatenate.name", "**kwargs"},
                          {"layers.concatenate.trainable", "**kwargs"},
                          {"layers.concatenate.dtype", "**kwargs"}};
  using Concatenate = layers::ConcatenateLayer::Options;
  test::SignatureCheck("layers.concatenate", signature("functions", "layers.concatenate"), {}, kwargs)
      .run({"inputs"}, members<Concatenate>(Concatenate::fields()));
  done.insert("layers.concatenate");
  for (const char* name : {"add", "subtract", "multiply", "average", "maximum", "minimum"}) {
    const std::string full = std::string("layers.") + name;
    EXPECT_EQ(signature("functions", full).at("parameters").size(), 1U) << full;  // inputs
    EXPECT_TRUE(signature("functions", full).at("accepts_kwargs").get<bool>()) << full;
    done.insert(full);
  }
  expect_all_checked("functions", done);
}

// A first argument that has a default in Keras has one here.
TEST(Signatures, PositionalDefaults) {
  EXPECT_TRUE(test::same_default("pool_size", *layers::MaxPooling2D().get_config().find("pool_size"),
                                 signature("layers", "MaxPooling2D").at("parameters")[0].at("default")));
}

template <class T>
void check_initializer(std::set<std::string>& done, const char* name) {
  const auto list = members<typename T::Options>(T::Options::fields());
  test::expect_no_gaps<typename T::Options>(list, name);
  test::SignatureCheck(name, signature("initializers", name), {}, {}).run({}, list);
  done.insert(name);
}

/// Classes whose one parameter is a plain argument: its default, from the config of an object made without.
void check_plain(std::set<std::string>& done, const char* family, const char* name, const Config& config,
                 const char* argument) {
  const golden::Json& parameters = signature(family, name).at("parameters");
  ASSERT_EQ(parameters.size(), 1U) << name;
  EXPECT_EQ(parameters[0].at("name").get<std::string>(), argument);
  EXPECT_TRUE(test::same_default(argument, *config.find("config")->find(argument), parameters[0].at("default")))
      << name;
  done.insert(name);
}

TEST(Signatures, OfInitializers) {
  using namespace initializers;
  std::set<std::string> done;
  check_initializer<RandomNormal>(done, "RandomNormal");
  check_initializer<TruncatedNormal>(done, "TruncatedNormal");
  check_initializer<RandomUniform>(done, "RandomUniform");
  check_initializer<VarianceScaling>(done, "VarianceScaling");
  check_initializer<GlorotUniform>(done, "GlorotUniform");
  check_initializer<GlorotNormal>(done, "GlorotNormal");
  check_initializer<HeUniform>(done, "HeUniform");
  check_initializer<HeNormal>(done, "HeNormal");
  check_initializer<LecunUniform>(done, "LecunUniform");
  check_initializer<LecunNormal>(done, "LecunNormal");
  check_initializer<Orthogonal>(done, "Orthogonal");
  check_initializer<STFT>(done, "STFT");
  check_plain(done, "initializers", "Constant", Constant().to_config(), "value");
  const golden::Json& gain = signature("initializers", "Identity").at("parameters");
  ASSERT_EQ(gain.size(), 1U);
  EXPECT_EQ(Identity().to_config(), Identity(gain[0].at("default").get<double>()).to_config());
  for (const char* name : {"Zeros", "Ones"}) EXPECT_TRUE(signature("initializers", name).at("parameters").empty());
  done.insert({"Zeros", "Ones", "Identity"});
  expect_all_checked("initializers", done);
}

TEST(Signatures, OfRegularizers) {
  using namespace regularizers;
  std::set<std::string> done = {"L1L2"};
  check_plain(done, "regularizers", "L1", L1().to_config(), "l1");
  check_plain(done, "regularizers", "L2", L2().to_config(), "l2");
  using Options = L1L2::Options;
  const auto list = members<Options>(std::tuple{field("l1", &Options::l1), field("l2", &Options::l2)});
  test::expect_no_gaps<Options>(list, "L1L2");
  test::SignatureCheck("L1L2", signature("regularizers", "L1L2"), {}, {}).run({}, list);
  expect_all_checked("regularizers", done);
}

}  // namespace
}  // namespace kerata
