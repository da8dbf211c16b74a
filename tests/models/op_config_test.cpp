// Ops that C++ code puts between layers: written as Keras's operations, of the class that keras.ops makes, and read
// again.
#include <set>

#include "kerata/kerata.h"
#include "models/config_case.h"
#include "models/model_config.h"
#include "models/op_table.h"
#include "ops/math_attrs.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"

namespace kerata::models {
namespace {

using golden::Json;
using Build = Function<Tensors(const Tensors&)>;
struct OpCase {
  const char* golden;  // the case of model_configs.json that does the same
  Build build;
};

Tensor constant(std::initializer_list<float> values, const Shape& shape) {
  return Tensor::from_span<float>(std::span(values.begin(), values.size()), shape);
}

using In = const Tensors&;

void add_simple_cases(std::vector<OpCase>& cases) {
  auto unary = [&](const char* name, Tensor (*op)(const Tensor&)) {
    cases.push_back({name, [op](In in) { return Tensors(op(in[0])); }});
  };
  auto binary = [&](const char* name, Tensor (*op)(const Operand&, const Operand&)) {
    cases.push_back({name, [op](In in) { return Tensors(op(in[0], in[1])); }});
  };
  auto reduction = [&](const char* name, Tensor (*op)(const Tensor&, const ops::Reduce&), ops::Reduce over) {
    cases.push_back({name, [op, over](In in) { return Tensors(op(in[0], over)); }});
  };
  unary("absolute", ops::abs), unary("negative", ops::negative), unary("sign", ops::sign), unary("exp", ops::exp);
  unary("log1p", ops::log1p), unary("expm1", ops::expm1), unary("square", ops::square), unary("sin", ops::sin);
  unary("cos", ops::cos), unary("tan", ops::tan), unary("tanh", ops::tanh), unary("floor", ops::floor);
  unary("ceil", ops::ceil), unary("logical_not", ops::logical_not), unary("isfinite", ops::isfinite);
  unary("erf", ops::erf), unary("sigmoid", ops::sigmoid), unary("relu", ops::relu), unary("softplus", ops::softplus);
  unary("stop_gradient", ops::stop_gradient), unary("zeros_like", ops::zeros_like), unary("ones_like", ops::ones_like);
  binary("add", ops::add), binary("subtract", ops::subtract), binary("multiply", ops::multiply);
  binary("true_divide", ops::divide), binary("maximum", ops::maximum), binary("minimum", ops::minimum);
  binary("equal", ops::equal), binary("not_equal", ops::not_equal), binary("less", ops::less);
  binary("less_equal", ops::less_equal), binary("greater", ops::greater), binary("greater_equal", ops::greater_equal);
  reduction("sum/axis", ops::sum, {.axis = -1}), reduction("mean/axes", ops::mean, {.axis = {1, 2}, .keepdims = true});
  reduction("prod/axis", ops::prod, {.axis = -1}), reduction("max/all", ops::max, {});
  reduction("min/axis", ops::min, {.axis = -1}), reduction("any", ops::any, {.axis = 1});
  reduction("all", ops::all, {.axis = 1});
}

void add_cases_of_numbers(std::vector<OpCase>& cases) {
  auto add = [&](const char* name, Build build) { cases.push_back({name, std::move(build)}); };
  add("round", [](In in) { return Tensors(ops::round(in[0])); });
  add("add/number", [](In in) { return Tensors(in[0] + 0.5); });
  add("power", [](In in) { return Tensors(ops::power(in[0], 3)); });
  add("power/base", [](In in) { return Tensors(ops::power(2.0, in[0])); });
  add("subtract/from", [](In in) { return Tensors(1 - in[0]); });
  add("log", [](In in) { return Tensors(ops::log(ops::square(in[0]) + 0.5)); });
  add("sqrt", [](In in) { return Tensors(ops::sqrt(ops::square(in[0]))); });
  add("rsqrt", [](In in) { return Tensors(ops::rsqrt(ops::square(in[0]) + 1.0)); });
  add("logical_and", [](In in) { return Tensors(ops::logical_and(in[0] > 0, in[1])); });
  add("logical_or", [](In in) { return Tensors(ops::logical_or(in[0] > 0, in[1])); });
  add("where", [](In in) { return Tensors(ops::where(in[0], in[1], in[2])); });
  add("where/number", [](In in) { return Tensors(ops::where(in[0], in[1], 0.0)); });
  add("cast", [](In in) { return Tensors(ops::cast(in[0], "int32")); });
  add("argmax/axis", [](In in) { return Tensors(ops::argmax(in[0], 1)); });
  add("argmin/axis", [](In in) { return Tensors(ops::argmin(in[0], 1)); });
  add("cumsum", [](In in) { return Tensors(ops::cumsum(in[0], 1)); });
  add("argsort", [](In in) { return Tensors(ops::argsort(in[0])); });
}

void add_cases_of_shapes(std::vector<OpCase>& cases) {
  auto add = [&](const char* name, Build build) { cases.push_back({name, std::move(build)}); };
  add("top_k", [](In in) { return ops::top_k(in[0], 2); });
  add("full_like", [](In in) { return Tensors(apply(ops::kFullLike, {in[0]}, ops::FullLikeAttrs{3.5})); });
  add("matmul/operator", [](In in) { return Tensors(ops::matmul(in[0], constant({0, 1, 2, 3, 4, 5, 6, 7}, {4, 2}))); });
  add("reshape", [](In in) { return Tensors(in[0].reshape({-1, 8})); });
  add("reshape/two", [](In in) { return Tensors(in[0].reshape({in[0].shape()[0], 2, 4})); });
  add("transpose", [](In in) { return Tensors(ops::transpose(in[0], {0, 2, 1})); });
  add("expand_dims", [](In in) { return Tensors(ops::expand_dims(in[0], -1)); });
  add("squeeze", [](In in) { return Tensors(ops::squeeze(ops::expand_dims(in[0], 1), 1)); });
  add("broadcast_to", [](In in) { return Tensors(ops::broadcast_to(ops::sum(in[0], {.axis = 0}), {3, 4})); });
  add("concatenate", [](In in) { return Tensors(ops::concatenate({in[0], in[1]}, 1)); });
  add("pad", [](In in) { return Tensors(ops::pad(in[0], {{0, 0}, {1, 2}})); });
  add("pad/value", [](In in) { return Tensors(ops::pad(in[0], {{0, 0}, {2, 0}}, 1.5)); });
  add("flip", [](In in) { return Tensors(ops::flip(in[0], 1)); });
  add("take/rows", [](In in) { return Tensors(ops::take(in[0], ops::array({2, 0}), 1)); });
  add("take_along_axis", [](In in) { return Tensors(ops::take_along_axis(in[0], ops::argsort(in[0], 1), 1)); });
  add("one_hot", [](In in) { return Tensors(ops::one_hot(in[0], 3)); });
  add("get_item", [](In in) { return Tensors(in[0].slice({.axis = 1, .start = 1, .stop = 3})); });
  add("softmax", [](In in) { return Tensors(ops::softmax(in[0])); });
  add("softmax/axis", [](In in) { return Tensors(ops::softmax(in[0], 1)); });
  add("log_softmax", [](In in) { return Tensors(ops::log_softmax(in[0])); });
  add("conv", [](In in) {
    return Tensors(ops::conv(in[0], ops::ones({3, 3, 2, 1}) / 18, {.strides = 2, .padding = "same"}));
  });
  add("max_pool", [](In in) { return Tensors(ops::max_pool(in[0], 2, {.strides = 2})); });
  add("average_pool", [](In in) {
    return Tensors(ops::average_pool(in[0], {3, 2}, {.strides = 1, .padding = "same"}));
  });
  add("binary_crossentropy",
      [](In in) { return Tensors(ops::sigmoid_cross_entropy(in[0], ops::cast(in[1], "float32"))); });
  add("sparse_categorical_crossentropy",
      [](In in) { return Tensors(ops::sparse_softmax_cross_entropy(in[0], ops::argmax(in[0], -1))); });
}

std::vector<OpCase> op_cases() {
  std::vector<OpCase> cases;
  add_simple_cases(cases);
  add_cases_of_numbers(cases);
  add_cases_of_shapes(cases);
  return cases;
}

const Json& golden_op(const golden::File& file, const std::string& name) {
  for (const Json& one : file["operations"])
    if (one.at("name") == name) return one;
  throw std::runtime_error("no golden operation " + name);
}

TEST(OpConfig, RecordedOpsAreWrittenAsKerasNamesThemAndComputeTheSame) {
  const golden::File& file = golden::open("model_configs");
  std::set<std::string> written;
  for (const OpCase& one : op_cases()) {
    SCOPED_TRACE(one.golden);
    const Json& expected = golden_op(file, one.golden);
    const Json& layers = expected.at("config").at("config").at("layers");
    std::vector<Tensor> inputs, values;
    for (const Json& layer : layers) {
      if (layer.at("class_name") != "InputLayer") continue;
      const std::string name = layer.at("name").get<std::string>();
      values.push_back(file.tensor(file["op_inputs"].at(name)));
      inputs.push_back(Input(values.back().shape().from(1), {.dtype = values.back().dtype(), .name = name}));
    }
    // In the order in which the golden model was given its inputs.
    std::vector<Tensor> ordered;
    for (const Json& end : expected.at("config").at("config").at("input_layers"))
      for (const Tensor& x : inputs)
        if (x.node()->name == end[0].get<std::string>()) ordered.push_back(x);
    const Tensors outputs = one.build(Tensors(ordered));
    const Model model{Tensors(ordered), outputs};
    const Json config = Json::parse(model.to_json());
    const Json& last = config.at("config").at("layers").back();
    EXPECT_EQ(last.at("class_name"), layers.back().at("class_name"));
    EXPECT_EQ(last.at("module"), layers.back().at("module"));
    EXPECT_EQ(last.at("registered_name"), layers.back().at("registered_name"));
    for (const auto& [key, value] : layers.back().at("config").items())
      EXPECT_TRUE(last.at("config").contains(key)) << key;
    written.insert(last.at("class_name").get<std::string>());
    Json again = expected;
    again["config"] = config;
    testing_configs::expect_computes(again, file);
  }
  for (const auto rows : {math_op_rows(), shape_op_rows(), neural_op_rows()})
    for (const OpRow& row : rows)
      EXPECT_TRUE(!row.op || written.contains(std::string(row.class_name))) << row.class_name << " is not tested.";
}

TEST(OpConfig, EveryRowIsReadFromKeras) {
  std::set<std::string> read;
  for (const Json& one : golden::open("model_configs")["operations"])
    for (const Json& layer : one.at("config").at("config").at("layers"))
      read.insert(layer.at("class_name").get<std::string>());
  for (const auto rows : {math_op_rows(), shape_op_rows(), neural_op_rows()})
    for (const OpRow& row : rows)
      EXPECT_TRUE(row.class_name == "Abs" || read.contains(std::string(row.class_name)))
          << row.class_name << " is not tested.";
}

}  // namespace
}  // namespace kerata::models
