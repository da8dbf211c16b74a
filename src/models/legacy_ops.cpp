// Operations that tf-keras recorded between layers: functions of TensorFlow by name, the first argument apart from the
// others.
#include <algorithm>

#include "core/near_name.h"
#include "core/require.h"
#include "models/graph_config.h"
#include "models/op_table.h"

namespace kerata::models {
namespace {

/// TensorFlow's keyword -> where Keras has it: a further argument of the call or an
/// option of the class.
struct Keyword {
  std::string_view tensorflow, keras;
  bool is_argument = false;
};
struct TensorflowFunction {
  std::string_view name, class_name;
  std::vector<Keyword> keywords = {};
  std::vector<std::pair<std::string, Config>> defaults = {};  // of TensorFlow, where Keras has others
};

class Functions {
 public:
  Functions() {
    add_two_sided();
    add_one_sided();
    add_others();
  }
  const std::vector<TensorflowFunction>& all() const { return all_; }

 private:
  using Keywords = std::vector<Keyword>;
  void add(std::initializer_list<std::string_view> names, std::string_view class_name, const Keywords& keywords,
           const std::vector<std::pair<std::string, Config>>& defaults = {}) {
    for (std::string_view name : names) all_.push_back({name, class_name, keywords, defaults});
  }

  void add_two_sided() {
    const Keywords y = {{"y", "x2", true}};
    add({"__operators__.add", "__operators__.radd", "math.add", "add"}, "Add", y);
    add({"__operators__.sub", "math.subtract", "subtract"}, "Subtract", y);
    add({"__operators__.mul", "math.multiply", "multiply"}, "Multiply", y);
    add({"__operators__.truediv", "math.truediv", "math.divide", "realdiv"}, "TrueDivide", y);
    add({"__operators__.pow", "math.pow", "pow"}, "Power", y);
    add({"math.maximum", "maximum"}, "Maximum", y);
    add({"math.minimum", "minimum"}, "Minimum", y);
    add({"math.equal", "equal"}, "Equal", y);
    add({"math.not_equal", "not_equal"}, "NotEqual", y);
    add({"math.less", "less"}, "Less", y);
    add({"math.less_equal", "less_equal"}, "LessEqual", y);
    add({"math.greater", "greater"}, "Greater", y);
    add({"math.greater_equal", "greater_equal"}, "GreaterEqual", y);
    add({"math.logical_and", "logical_and"}, "LogicalAnd", y);
    add({"math.logical_or", "logical_or"}, "LogicalOr", y);
    add({"linalg.matmul", "matmul"}, "Matmul", {{"b", "x2", true}});
  }

  void add_one_sided() {
    add({"math.negative", "negative"}, "Negative", {});
    add({"math.abs", "abs"}, "Absolute", {});
    add({"math.sign", "sign"}, "Sign", {});
    add({"math.exp", "exp"}, "Exp", {});
    add({"math.log", "log"}, "Log", {});
    add({"math.log1p"}, "Log1p", {});
    add({"math.expm1"}, "Expm1", {});
    add({"math.sqrt", "sqrt"}, "Sqrt", {});
    add({"math.rsqrt"}, "Rsqrt", {});
    add({"math.square", "square"}, "Square", {});
    add({"math.sin", "sin"}, "Sin", {});
    add({"math.cos", "cos"}, "Cos", {});
    add({"math.tanh", "tanh", "nn.tanh"}, "Tanh", {});
    add({"math.sigmoid", "sigmoid", "nn.sigmoid"}, "Sigmoid", {});
    add({"math.floor", "floor"}, "Floor", {});
    add({"math.ceil", "ceil"}, "Ceil", {});
    add({"math.round", "round"}, "Round", {});
    add({"math.erf"}, "Erf", {});
    add({"math.logical_not", "logical_not"}, "LogicalNot", {});
    add({"nn.relu"}, "Relu", {});
    add({"nn.relu6"}, "Relu6", {});
    add({"nn.selu"}, "Selu", {});
    add({"nn.elu"}, "Elu", {});
    add({"nn.silu", "nn.swish"}, "Silu", {});
    add({"math.softplus", "nn.softplus"}, "Softplus", {});
    add({"nn.softsign"}, "Softsign", {});
    add({"stop_gradient"}, "StopGradient", {});
  }

  void add_others() {
    const Keywords reduce = {{"axis", "axis"}, {"keepdims", "keepdims"}}, axis = {{"axis", "axis"}};
    add({"nn.gelu"}, "Gelu", {{"approximate", "approximate"}}, {{"approximate", false}});
    add({"nn.leaky_relu"}, "LeakyRelu", {{"alpha", "negative_slope"}});
    add({"nn.softmax"}, "Softmax", axis);
    add({"nn.log_softmax"}, "LogSoftmax", axis);
    add({"math.reduce_sum", "reduce_sum"}, "Sum", reduce);
    add({"math.reduce_mean", "reduce_mean"}, "Mean", reduce);
    add({"math.reduce_max", "reduce_max"}, "Max", reduce);
    add({"math.reduce_min", "reduce_min"}, "Min", reduce);
    add({"math.reduce_prod", "reduce_prod"}, "Prod", reduce);
    add({"math.reduce_any", "reduce_any"}, "Any", reduce);
    add({"math.reduce_all", "reduce_all"}, "All", reduce);
    add({"math.reduce_variance"}, "Var", reduce);
    add({"math.reduce_std"}, "Std", reduce);
    add({"math.argmax", "argmax"}, "Argmax", axis, {{"axis", 0}});
    add({"math.cumsum"}, "Cumsum", axis, {{"axis", 0}});
    add({"concat"}, "Concatenate", axis);
    add({"stack"}, "Stack", axis);
    add({"reshape"}, "Reshape", {{"shape", "newshape"}});
    add({"transpose"}, "Transpose", {{"perm", "axes"}});
    add({"expand_dims"}, "ExpandDims", axis);
    add({"squeeze"}, "Squeeze", axis);
    add({"cast"}, "Cast", {{"dtype", "dtype"}});
    add({"tile"}, "Tile", {{"multiples", "repeats"}});
    add({"one_hot"}, "OneHot", {{"depth", "num_classes"}, {"axis", "axis"}});
    add({"clip_by_value"}, "Clip", {{"clip_value_min", "x_min"}, {"clip_value_max", "x_max"}});
    add({"__operators__.getitem"}, "GetItem", {{"slice_spec", "key", true}});
  }

  std::vector<TensorflowFunction> all_;
};

const TensorflowFunction& find_function(const std::string& name, const std::string& layer) {
  static const Functions functions;
  const std::vector<TensorflowFunction>& all = functions.all();
  const auto found = std::find_if(all.begin(), all.end(), [&](const TensorflowFunction& f) { return f.name == name; });
  if (found != all.end()) return *found;
  std::vector<std::string_view> known;
  for (const TensorflowFunction& function : all) known.push_back(function.name);
  const std::string nearest = nearest_name(name, known);
  fail<ValueError>(layer, "Layer '", layer, "' calls TensorFlow's function tf.", name,
                   ", which Kerata does not have between layers.",
                   nearest.empty() ? "" : " Hint: did you mean tf." + nearest + "?");
}

/// {"start": 1, "stop": null, "step": null} -> Keras's __slice__; other indices stay.
Config index_of(const Config& spec) {
  std::size_t leaf = 0;
  if (spec.is_list()) {
    Config::List list;
    for (const Config& element : spec.as_list()) list.push_back(index_of(element));
    return list;
  }
  if (!spec.is_object() || is_tensor_leaf(spec, leaf)) return spec;
  auto bound = [&](const char* key) { return spec.find(key) ? *spec.find(key) : Config(); };
  const Config fields = Config::Object{{"start", bound("start")}, {"stop", bound("stop")}, {"step", bound("step")}};
  return Config::Object{{"class_name", "__slice__"}, {"config", fields}};
}

}  // namespace

LegacyOp legacy_op(const Config& layer, const std::string& name, const CallConfig& call) {
  const Config* config = layer.find("config");
  const Config* function_name = config && config->is_object() ? config->find("function") : nullptr;
  const bool is_slice = layer.find("class_name")->as_text() == "SlicingOpLambda";
  require<ValueError>(is_slice || (function_name && function_name->is_text()), name, "Layer '", name,
                      "' does not say which function of TensorFlow it calls.");
  const TensorflowFunction& function =
      find_function(is_slice ? "__operators__.getitem" : function_name->as_text(), name);
  Config options(Config::Object{{"name", name}});
  for (const auto& [key, value] : function.defaults) options.set(key, value);
  Config::List args = call.args.as_list();
  for (const auto& [key, value] : call.kwargs.as_object()) {
    if (key == "name" || (value.is_null() && key != "y")) continue;
    const auto keyword = std::find_if(function.keywords.begin(), function.keywords.end(),
                                      [&key = key](const Keyword& one) { return one.tensorflow == key; });
    const bool unused = value.is_bool() && !value.as_bool();
    if (keyword == function.keywords.end() && unused) continue;
    require<ValueError>(keyword != function.keywords.end(), name, "Layer '", name, "' gives tf.", function.name,
                        " the argument `", key, "` = ", excerpt(value), ", which Kerata does not know.");
    if (keyword->is_argument)
      args.push_back(function.class_name == "GetItem" ? index_of(value) : value);
    else
      options.set(std::string(keyword->keras), value);
  }
  const OpRow& row = op_row(function.class_name, name);
  LegacyOp result{std::make_shared<const KerasOp>(KerasOp{&row, name, std::move(options)}), call};
  result.call.args = Config(std::move(args));
  result.call.kwargs = Config(Config::Object{});
  return result;
}

}  // namespace kerata::models
