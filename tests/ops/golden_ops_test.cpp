// Every op against values and gradients that real Keras computed (tests/golden/ops.json).
#include <algorithm>

#include "golden_calls.h"
#include "kerata/graph/gradients.h"
#include "kerata/ops/reduction.h"

namespace kerata::golden {

Call::Call(const File& file, const Json& entry) : entry_(&entry) {
  for (const Json& value : entry.at("args")) collect(file, value);
  for (const auto& [name, value] : entry.at("kwargs").items()) collect(file, value);
}

void Call::collect(const File& file, const Json& value) {
  if (value.is_array())
    for (const Json& element : value) collect(file, element);
  if (!value.is_object() || !value.contains("array")) return;
  inputs_.push_back(file.tensor(value));
  made_[value.at("array").get<std::string>()] = inputs_.back();
}

const Json* Call::option(const char* name) const {
  const auto found = entry_->at("kwargs").find(name);
  return found == entry_->at("kwargs").end() ? nullptr : &*found;
}

Tensor Call::tensor(const Json& value) const { return made_.at(value.at("array").get<std::string>()); }

Tensors Call::tensors(std::size_t i) const {
  std::vector<Tensor> list;
  for (const Json& value : arg(i)) list.push_back(tensor(value));
  return Tensors(list);
}

Operand Call::operand(std::size_t i) const {
  const Json& value = arg(i);
  if (value.is_object()) return tensor(value);
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return number(value);
}

std::vector<Dim> Call::dims(const Json& value) const {
  if (value.is_number()) return {value.get<Dim>()};
  return value.get<std::vector<Dim>>();
}

Axes Call::axes() const {
  const Json* axis = option("axis");
  return !axis || axis->is_null() ? Axes() : Axes(dims(*axis));
}

bool Call::is_flat() const {
  const Json* axis = option("axis");
  return axis && axis->is_null();
}

Dim Call::axis(Dim otherwise) const {
  const Json* axis = option("axis");
  return axis ? axis->get<Dim>() : otherwise;
}

namespace {

const std::map<std::string, Adapter>& adapters() {
  static const std::map<std::string, Adapter> table = [] {
    std::map<std::string, Adapter> made;
    add_math_calls(made);
    add_reduction_calls(made);
    add_shape_calls(made);
    add_index_calls(made);
    return made;
  }();
  return table;
}

/// Forms of Keras that have no counterpart here, and why.
const std::map<std::string, std::string>& left_out() {
  static const std::map<std::string, std::string> table = {
      {"where/one_argument", "gives indices: a shape that depends on values"},
      {"argmax/edge_zeros", "-0.0 equals 0.0 here, as in NumPy"},
      {"slice/edge_clamped", "an error here"},
      {"slice_update/inner", "no such op"},
      {"take/edge_out_of_range", "an error here"},
      {"scatter/points_repeated", "rows only"},
      {"scatter_update/add_points_repeated", "rows only"},
      {"scatter_update/set", "adds only"},
      {"softmax/pair_of_axes", "one axis"},
      {"getitem/backwards", "ops::flip"},
      {"getitem/backwards_range", "ops::flip"},
      {"getitem/ellipsis", "no such index"},
      {"getitem/newaxis", "no such index"},
      {"getitem/mixed", "no such index"},
  };
  return table;
}

/// Our dtype where it is not Keras's on JAX: there is no uint32, and indices are int32 also beside 64-bit values.
DType expected_dtype(const Json& ref, const std::string& op) {
  const auto name = ref.at("dtype").get<std::string>();
  if (name == "uint32" || (name == "int64" && (op == "argmax" || op == "argmin" || op == "argsort")))
    return DType::int32;
  return Choice<DType>::parse(name);
}

Tolerance tolerance_for(DType dtype) {
  if (dtype == DType::float64) return {1e-10, 1e-12};
  if (dtype == DType::float16 || dtype == DType::bfloat16) return {1e-2, 1e-3};
  return {1e-5, 1e-6};
}

std::vector<const Json*> references(const Json& entry) {
  const Json& output = entry.at("output");
  std::vector<const Json*> result;
  if (output.is_array())
    for (const Json& ref : output) result.push_back(&ref);
  else
    result.push_back(&output);
  return result;
}

void check_gradients(const File& file, const Json& entry, const Call& call, const std::vector<Tensor>& outputs) {
  const Json& gradient = entry.at("gradient");
  Tensor total;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor cotangent = file.tensor(gradient.at("cotangents").at(i));
    if (cotangent.is_empty()) continue;
    const Tensor share = ops::sum(outputs[i] * cotangent);
    total = total.is_empty() ? share : total + share;
  }
  std::vector<Tensor> wrt, expected;
  for (std::size_t i = 0; i < call.inputs().size(); ++i) {
    if (gradient.at("inputs").at(i).is_null()) continue;
    wrt.push_back(call.inputs()[i]);
    expected.push_back(file.tensor(gradient.at("inputs").at(i)));
  }
  const Tensors found = gradients(total, Tensors(wrt));
  for (std::size_t i = 0; i < wrt.size(); ++i) {
    Tolerance tolerance = tolerance_for(wrt[i].dtype());
    if (wrt[i].dtype() == DType::float32) tolerance = {2e-5, 2e-6};
    expect_near_all(found[i], expected[i], tolerance,
                    entry.at("name").get<std::string>() + " gradient " + std::to_string(i));
  }
}

void check_case(const File& file, const Json& entry) {
  const auto name = entry.at("name").get<std::string>(), op = entry.at("op").get<std::string>();
  const Call call(file, entry);
  GradientTape tape;
  const std::vector<Tensor> outputs = adapters().at(op)(call);
  const std::vector<const Json*> refs = references(entry);
  ASSERT_EQ(outputs.size(), refs.size()) << name;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    Json ref = *refs[i];
    ref["dtype"] = to_string(expected_dtype(ref, op));
    const Tensor expected = file.tensor(ref);
    EXPECT_EQ(to_string(outputs[i].dtype()), to_string(expected.dtype())) << name;
    Tolerance tolerance = tolerance_for(outputs[i].dtype());
    // Both sides round sums of dozens of products of size 1, each in its order: 2e-6 on either side.
    if (op == "conv" && outputs[i].dtype() == DType::float32) tolerance.atol = 4e-6;
    expect_near_all(outputs[i], expected, tolerance, name);
  }
  if (entry.contains("gradient")) check_gradients(file, entry, call, outputs);
}

/// Gradients beside NaN that differ from JAX's, and why.
const std::map<std::string, std::string>& other_gradients() {
  static const std::string product = "that of the NaN itself is NaN, too, not the product of the others";
  static const std::string padding = "that of a NaN in the last corner is not lost to the padding behind it";
  static const std::map<std::string, std::string> table = {
      {"prod/nan_rows3", product},     {"prod/nan_columns3", product},   {"prod/nan_rows20", product},
      {"prod/nan_columns20", product}, {"prod/nan_rows130", product},    {"prod/nan_columns130", product},
      {"max_pool/nan_same3", padding}, {"max_pool/nan_same17", padding},
  };
  return table;
}

TEST(GoldenOps, NanGoesWhereKerasLetsIt) {
  const File& file = open("nan");
  std::size_t checked = 0, others = 0;
  for (Json entry : file["cases"]) {
    if (other_gradients().contains(entry.at("name").get<std::string>())) others += entry.erase("gradient");
    check_case(file, entry);
    ++checked;
  }
  EXPECT_EQ(others, other_gradients().size());
  EXPECT_GT(checked, 150u);
}

TEST(GoldenOps, ValuesAndGradientsEqualKeras) {
  const File& file = open("ops");
  std::size_t checked = 0, skipped = 0;
  for (const Json& entry : file["cases"]) {
    const auto name = entry.at("name").get<std::string>();
    if (left_out().contains(name)) {
      ++skipped;
      continue;
    }
    try {
      check_case(file, entry);
    } catch (const Error& error) {
      ADD_FAILURE() << name << ": " << error.what();
    }
    ++checked;
  }
  EXPECT_EQ(skipped, left_out().size()) << "A case that is left out is not in the file any more.";
  EXPECT_GT(checked, 1000u);
}

}  // namespace
}  // namespace kerata::golden
