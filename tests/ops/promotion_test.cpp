// The dtypes of results against Keras's own rules (tests/golden/promotion.json, the tables without the 32-bit cut).
#include <map>

#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "support/golden.h"

namespace kerata::golden {
namespace {

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Operand&, const Operand&);

Operand operand(const std::string& name) {
  if (name == "int") return 2;
  if (name == "float") return 0.5;
  return ops::ones({2, 2}, Choice<DType>::parse(name));
}

bool is_scalar(const std::string& name) { return name == "int" || name == "float"; }

std::string name_of(const Tensor& x) { return std::string(to_string(x.dtype())); }

TEST(Promotion, PromoteEqualsResultType) {
  const File& file = open("promotion");
  const auto names = file["dtypes"].get<std::vector<std::string>>();
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = 0; j < names.size(); ++j) {
      if (is_scalar(names[i]) || is_scalar(names[j])) continue;
      const DType found = promote(Choice<DType>::parse(names[i]), Choice<DType>::parse(names[j]));
      EXPECT_EQ(to_string(found), file["result_type_wide"][i][j].get<std::string>()) << names[i] << ", " << names[j];
    }
}

TEST(Promotion, TwoSidedOpsGiveKerasTypes) {
  const std::map<std::string, Binary> table = {
      {"add", ops::add},     {"subtract", ops::subtract},      {"multiply", ops::multiply}, {"divide", ops::divide},
      {"power", ops::power}, {"maximum", ops::maximum},        {"minimum", ops::minimum},   {"equal", ops::equal},
      {"less", ops::less},   {"logical_and", ops::logical_and}};
  const File& file = open("promotion");
  const auto names = file["dtypes"].get<std::vector<std::string>>();
  for (const auto& [op, f] : table)
    for (std::size_t i = 0; i < names.size(); ++i)
      for (std::size_t j = 0; j < names.size(); ++j) {
        const Json& expected = file["binary_ops_wide"].at(op)[i][j];
        if (expected.is_null()) continue;
        const bool refused = (op == "subtract" || op == "power") && names[i] == "bool" && names[j] == "bool";
        if (refused) continue;  // JAX refuses these too once it computes
        EXPECT_EQ(name_of(f(operand(names[i]), operand(names[j]))), expected.get<std::string>())
            << op << ' ' << names[i] << ", " << names[j];
      }
}

TEST(Promotion, JoiningOpsGiveKerasTypes) {
  const File& file = open("promotion");
  const auto names = file["dtypes"].get<std::vector<std::string>>();
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = 0; j < names.size(); ++j) {
      const std::string pair = names[i] + ", " + names[j];
      const Json& where = file["binary_ops_wide"]["where"][i][j];
      if (!where.is_null()) {
        EXPECT_EQ(name_of(ops::where(ops::ones({2, 2}, "bool"), operand(names[i]), operand(names[j]))),
                  where.get<std::string>())
            << pair;
      }
      if (is_scalar(names[i]) || is_scalar(names[j])) continue;
      const Tensor a = operand(names[i]).tensor(), b = operand(names[j]).tensor();
      EXPECT_EQ(name_of(ops::concatenate({a, b})), file["binary_ops_wide"]["concatenate"][i][j].get<std::string>())
          << pair;
      EXPECT_EQ(name_of(ops::stack({a, b})), file["binary_ops_wide"]["stack"][i][j].get<std::string>()) << pair;
    }
}

/// Keras's answer, but for what does not exist here: uint32 (int32), and indices that are int64 beside 64-bit values.
std::string our_form(const std::string& op, const std::string& type) {
  if (type == "uint32") return "int32";
  return type == "int64" && (op == "argmax" || op == "argmin" || op == "argsort") ? "int32" : type;
}

TEST(Promotion, OneSidedOpsGiveKerasTypes) {
  const std::map<std::string, Unary> table = {{"negative", ops::negative},
                                              {"abs", ops::abs},
                                              {"sign", ops::sign},
                                              {"exp", ops::exp},
                                              {"log", ops::log},
                                              {"log1p", ops::log1p},
                                              {"expm1", ops::expm1},
                                              {"sqrt", ops::sqrt},
                                              {"rsqrt", ops::rsqrt},
                                              {"square", ops::square},
                                              {"sin", ops::sin},
                                              {"cos", ops::cos},
                                              {"tan", ops::tan},
                                              {"tanh", ops::tanh},
                                              {"sigmoid", ops::sigmoid},
                                              {"erf", ops::erf},
                                              {"floor", ops::floor},
                                              {"ceil", ops::ceil},
                                              {"relu", ops::relu},
                                              {"logical_not", ops::logical_not},
                                              {"round", [](const Tensor& x) { return ops::round(x); }},
                                              {"sum", [](const Tensor& x) { return ops::sum(x); }},
                                              {"mean", [](const Tensor& x) { return ops::mean(x); }},
                                              {"max", [](const Tensor& x) { return ops::max(x); }},
                                              {"min", [](const Tensor& x) { return ops::min(x); }},
                                              {"prod", [](const Tensor& x) { return ops::prod(x); }},
                                              {"var", [](const Tensor& x) { return ops::var(x); }},
                                              {"std", [](const Tensor& x) { return ops::std(x); }},
                                              {"any", [](const Tensor& x) { return ops::any(x); }},
                                              {"all", [](const Tensor& x) { return ops::all(x); }},
                                              {"argmax", [](const Tensor& x) { return ops::argmax(x); }},
                                              {"argmin", [](const Tensor& x) { return ops::argmin(x); }},
                                              {"cumsum", [](const Tensor& x) { return ops::cumsum(x); }},
                                              {"argsort", [](const Tensor& x) { return ops::argsort(x); }}};
  const File& file = open("promotion");
  for (const auto& [op, f] : table)
    for (const auto& [dtype, expected] : file["ops_eager_wide"].at(op).items()) {
      const auto type = expected.get<std::string>();
      if (type == "error") continue;  // refused by Keras; here a float32 result or an error
      EXPECT_EQ(name_of(f(ops::ones({2, 2}, Choice<DType>::parse(dtype)))), our_form(op, type)) << op << ' ' << dtype;
    }
}

TEST(Promotion, NumbersBesideTensorsTakeTheirType) {
  EXPECT_EQ(name_of(ops::ones({2}, "int8") + 1), "int8");
  EXPECT_EQ(name_of(ops::ones({2}, "int8") + 0.5), "float32");
  EXPECT_EQ(name_of(0.5 * ops::ones({2}, "float64")), "float64");
  EXPECT_EQ(name_of(2 * ops::ones({2}, "float16")), "float16");
  EXPECT_EQ(name_of(ops::ones({2}, "bool") + 1), "int32");
}

}  // namespace
}  // namespace kerata::golden
