#include "models/op_call.h"

#include "core/require.h"
#include "graph/scope.h"
#include "kerata/core/fields.h"
#include "models/op_table.h"

namespace kerata::models {

const OpCall* op_call_of(const Node& node) { return dynamic_cast<const OpCall*>(node.composite.get()); }

Config tensor_leaf(std::size_t index, const std::string& kind) {
  return Config(Config::Object{{"class_name", kind}, {"tensor", index}});
}

bool is_tensor_leaf(const Config& config, std::size_t& index) {
  if (!config.is_object() || config.as_object().size() != 2) return false;
  const Config* found = config.find("tensor");
  if (!found || config.as_object()[0].first != "class_name") return false;
  index = static_cast<std::size_t>(found->as_integer());
  return true;
}

std::vector<Tensor> OpCall::expand(const std::vector<Tensor>& inputs, const CallRecord&) const {
  try {
    return op_->row->read(OpArguments(*this, inputs)).list();
  } catch (Error& error) {
    error.add_context(join_text("in operation '", op_->name, "' (", op_->row->class_name, ")"));
    throw;
  }
}

std::vector<Tensor> call_op(std::shared_ptr<const OpCall> call, const std::vector<Tensor>& tensors) {
  auto node = std::make_shared<Node>();
  std::vector<Tensor> stand_ins;
  bool any_symbolic = false;
  for (const Tensor& x : tensors) {
    any_symbolic = any_symbolic || x.is_symbolic();
    stand_ins.push_back(x.is_symbolic() ? placeholder(type_of(x)) : x);
  }
  require<ValueError>(any_symbolic, call->op()->name, "The operation is called on constants only.");
  {
    Scope scope(Mode::dry, false);
    for (const Tensor& y : call->expand(stand_ins, {})) node->outputs.push_back({type_of(y)});
  }
  node->composite = std::move(call);
  node->inputs = tensors;
  node->call.num_inputs = tensors.size();
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < node->outputs.size(); ++i) outputs.emplace_back(node, static_cast<int>(i));
  return outputs;
}

namespace {

void collect(const Config& value, std::size_t depth, const std::vector<Dim>& sizes, const std::string& where,
             std::vector<double>& values) {
  const bool fits = value.is_list() ? depth < sizes.size() && static_cast<Dim>(value.as_list().size()) == sizes[depth]
                                    : depth == sizes.size();
  require<ValueError>(fits, where, "The constant in the call of '", where, "' is ragged.");
  if (!value.is_list()) return values.push_back(value.is_bool() ? value.as_bool() : value.as_number());
  for (const Config& element : value.as_list()) collect(element, depth + 1, sizes, where, values);
}

}  // namespace

Tensor constant_tensor(const Config& value, const Config* dtype, const std::string& where) {
  std::vector<Dim> sizes;
  const Config* level = &value;
  while (level->is_list()) {
    sizes.push_back(static_cast<Dim>(level->as_list().size()));
    if (level->as_list().empty()) break;
    level = &level->as_list()[0];
  }
  std::vector<double> values;
  collect(value, 0, sizes, where, values);
  const DType natural = level->is_bool() ? DType::boolean : level->is_integer() ? DType::int32 : DType::float32;
  const DType type = dtype ? Choice<DType>::parse(dtype->as_text()).value() : natural;
  return Tensor::from_span<double>(values, Shape(sizes)).cast(type);
}

void OpArguments::refuse(const std::string& what) const {
  fail<ValueError>(call_.op()->name, "Operation '", call_.op()->name, "' (", call_.op()->row->class_name, "): ", what);
}

const Config* OpArguments::argument(std::size_t position, const char* name) const {
  const Config::List& args = call_.args().as_list();
  const Config* found = position < args.size() ? &args[position] : call_.kwargs().find(name);
  return found && !found->is_null() ? found : nullptr;
}

Tensor OpArguments::tensor_of(const Config& argument) const {
  std::size_t index = 0;
  if (is_tensor_leaf(argument, index)) return tensors_.at(index);
  if (argument.is_text() || argument.is_object()) refuse("Expected a tensor, received " + excerpt(argument) + ".");
  return constant_tensor(argument, nullptr, call_.op()->name);
}

Tensor OpArguments::tensor(std::size_t position, const char* name) const {
  const Config* found = argument(position, name);
  if (!found) refuse(join_text("The argument `", name, "` is missing."));
  return tensor_of(*found);
}

Operand OpArguments::operand(std::size_t position, const char* name) const {
  const Config* found = argument(position, name);
  if (!found) refuse(join_text("The argument `", name, "` is missing."));
  if (found->is_bool()) return Operand(static_cast<int>(found->as_bool()));
  if (found->is_integer()) return Operand(found->as_integer());
  if (found->is_number()) return Operand(found->as_number());
  return Operand(tensor_of(*found));
}

Tensors OpArguments::list(std::size_t position, const char* name) const {
  const Config* found = argument(position, name);
  if (!found || !found->is_list() || found->as_list().empty())
    refuse(
        join_text("Expected a list of tensors as `", name, "`, received ", found ? excerpt(*found) : "nothing", "."));
  std::vector<Tensor> result;
  for (const Config& element : found->as_list()) result.push_back(tensor_of(element));
  return Tensors(std::move(result));
}

const Config* OpArguments::option(const char* name) const {
  const Config* found = call_.op()->config.find(name);
  return found && !found->is_null() ? found : nullptr;
}

bool OpArguments::flag(const char* name, bool otherwise) const {
  const Config* found = option(name);
  return found ? found->as_bool() : otherwise;
}

Dim OpArguments::integer(const char* name) const {
  const Config* found = option(name);
  if (!found) refuse(join_text("The config has no \"", name, "\"."));
  return found->as_integer();
}

Dim OpArguments::integer(const char* name, Dim otherwise) const { return option(name) ? integer(name) : otherwise; }

double OpArguments::number(const char* name, double otherwise) const {
  const Config* found = option(name);
  return found ? found->as_number() : otherwise;
}

std::vector<Dim> OpArguments::integers(const char* name) const {
  const Config* found = option(name);
  if (!found) refuse(join_text("The config has no \"", name, "\"."));
  if (!found->is_list()) return {found->as_integer()};
  std::vector<Dim> result;
  for (const Config& element : found->as_list()) result.push_back(element.is_null() ? -1 : element.as_integer());
  return result;
}

Axes OpArguments::axes(const char* name) const { return option(name) ? Axes(integers(name)) : Axes(); }

Shape OpArguments::shape(const char* name) const {
  const std::vector<Dim> sizes = integers(name);
  for (Dim size : sizes)
    if (size < -1) refuse(join_text("Expected sizes of at least -1 in \"", name, "\", received ", size, "."));
  return Shape(sizes);
}

Size2 OpArguments::size2(const char* name, Size2 otherwise) const {
  const Config* found = option(name);
  if (found) read_config(*found, otherwise);
  return otherwise;
}

DType OpArguments::dtype(const char* name, DType otherwise) const {
  const Config* found = option(name);
  return found ? Choice<DType>::parse(found->as_text()).value() : otherwise;
}

void OpArguments::require_plain(const char* name, const Config& allowed) const {
  const Config* found = option(name);
  if (found && !(*found == allowed))
    refuse(join_text("`", name, "` = ", excerpt(*found), " is not supported. Expected ", to_string(allowed), "."));
}

}  // namespace kerata::models
