#include "training/arguments.h"

#include <algorithm>
#include <cmath>

#include "core/near_name.h"
#include "core/require.h"
#include "graph/scope.h"

namespace kerata::training {
namespace {

// The outputs as the elements of a list stand.
std::string list_text(const CompiledModel& compiled) {
  std::string text;
  for (const std::size_t i : compiled.output_order)
    text += (text.empty() ? "\"" : ", \"") + compiled.outputs[i].name + "\"";
  return text;
}

// What targets are gathered as: floats as the prediction, class indices as int32, other integers as the loss wants
// them.
DType target_type(const Tensor& y, const OutputPlan& output, DType prediction) {
  const DType floating = prediction == DType::float64 ? DType::float64 : DType::float32;
  if (is_floating(y.dtype())) return floating;
  if (output.loss && output.loss->casts_targets()) return floating;
  return y.dtype() == DType::boolean ? DType::boolean : DType::int32;
}

// Which of the given tensors belongs to each output (-1: none), for targets and weights alike.
std::vector<int> places(const Tensors& given, const CompiledModel& compiled, std::string_view where,
                        std::string_view what) {
  const auto& outputs = compiled.outputs;
  std::vector<int> result(outputs.size(), -1);
  if (given.empty()) return result;
  if (!given.names().empty()) {
    std::vector<std::string_view> known;
    for (const OutputPlan& output : outputs) known.push_back(output.name);
    for (std::size_t i = 0; i < given.names().size(); ++i) {
      const auto found = std::find(known.begin(), known.end(), given.names()[i]);
      require<ValueError>(found != known.end(), where, what, " names an output that the model does not have: \"",
                          given.names()[i], "\".", name_hint(given.names()[i], known));
      for (std::size_t output = 0; output < outputs.size(); ++output)  // listed twice: the name means both
        if (known[output] == *found) result[output] = static_cast<int>(i);
    }
    return result;
  }
  std::vector<std::size_t> with_loss;
  for (const std::size_t output : compiled.output_order)
    if (outputs[output].loss) with_loss.push_back(output);
  if (given.size() != outputs.size() && given.size() == with_loss.size()) {
    for (std::size_t i = 0; i < with_loss.size(); ++i) result[with_loss[i]] = static_cast<int>(i);
    return result;
  }
  require<ValueError>(given.size() == outputs.size(), where, "Wrong number of tensors in ", what, ". Expected ",
                      outputs.size(), " (", list_text(compiled), "), received ", given.size(), '.');
  for (std::size_t i = 0; i < outputs.size(); ++i) result[compiled.output_order[i]] = static_cast<int>(i);
  return result;
}

void check_data(const Tensor& x, std::string_view where, std::string_view what) {
  require<ValueError>(!x.is_empty(), where, what, " holds an empty tensor. Expected data.");
  require<ValueError>(!x.is_symbolic(), where, what, " holds a symbolic tensor. Expected data.");
  require<ShapeError>(x.rank() >= 1, where, what, " holds a scalar. Expected shape (samples, ...), received ().");
}

void add_targets(DataSet& data, const CompiledModel& compiled, const ModelLayer& model, const Tensors& y,
                 std::string_view where) {
  data.target_of = places(y, compiled, where, "y");
  std::vector<DType> types(y.size(), DType::float32);
  for (std::size_t i = 0; i < compiled.outputs.size(); ++i) {
    const OutputPlan& output = compiled.outputs[i];
    require<ValueError>(!output.loss || data.target_of[i] >= 0, where, "Output \"", output.name, "\" has a loss (",
                        output.loss ? output.loss->name() : std::string(),
                        ") but no target. Hint: give one tensor per output in y.");
    if (data.target_of[i] < 0) continue;
    const Tensor& target = y.list()[static_cast<std::size_t>(data.target_of[i])];
    check_data(target, where, "y");
    DType prediction = DType::float32;
    if (models::is_functional(model)) {
      const Tensor& symbolic = models::outputs_of(model)[i];
      prediction = symbolic.dtype();
      if (output.loss) output.loss->check_targets(target, symbolic.shape());
    }
    types[static_cast<std::size_t>(data.target_of[i])] = target_type(target, output, prediction);
  }
  for (std::size_t i = 0; i < y.size(); ++i) {
    check_data(y.list()[i], where, "y");
    data.y.emplace_back(y.list()[i], types[i]);
  }
}

void add_weights(DataSet& data, const CompiledModel& compiled, const Tensors& given, std::string_view where) {
  data.weight_of.assign(compiled.outputs.size(), -1);
  if (given.empty()) return;
  if (given.size() == 1 && given.names().empty() && compiled.outputs.size() > 1) {
    const Shape shape = given.list()[0].shape();
    require<ShapeError>(shape.rank() == 1 || (shape.rank() == 2 && shape[1] == 1), where,
                        "A single sample_weight for several outputs must "
                        "hold one weight per sample. Expected (samples,), received ",
                        shape, ". Hint: give one tensor per output.");
    data.weight_of.assign(compiled.outputs.size(), 0);
  } else {
    data.weight_of = places(given, compiled, where, "sample_weight");
  }
  std::vector<int> column(given.size(), -1);  // empty tensors have none
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given.list()[i].is_empty()) continue;
    check_data(given.list()[i], where, "sample_weight");
    column[i] = static_cast<int>(data.weight.size());
    data.weight.emplace_back(given.list()[i], DType::float32);
  }
  for (int& place : data.weight_of)
    if (place >= 0) place = column[static_cast<std::size_t>(place)];
}

// A call() that looks at values cannot be tried out on unknown ones.
void build_on_first_sample(const ModelLayer& model, const std::vector<Column>& columns) {
  std::vector<Tensor> first;
  for (const Column& column : columns) {
    first.push_back(concrete(column.batch_type(1)));
    column.gather(nullptr, 0, 1, output_of(first.back()).data());
  }
  Scope scope(Mode::eager, false);
  static_cast<void>(models::call_in_scope(model, Tensors(first), false));
}

}  // namespace

void ensure_built(ModelLayer& model, const Tensors& x, std::string_view where) {
  TrainerState& state = state_of(model);
  if (state.built && model.built()) return;
  const std::lock_guard tracing(state.tracing);
  state.built = false;
  if (!model.built()) {
    const std::vector<Column> columns = input_columns(model, x, where);
    if (state.runs_eagerly()) {
      build_on_first_sample(model, columns);
    } else {
      std::vector<ValueType> types;
      for (const Column& column : columns) types.push_back(column.batch_type(-1));
      models::build_model(model, types);
    }
  }
  state.built = true;
}

DataSet step_data(CompiledModel& compiled, ModelLayer& model, const Tensors& x, const Tensors& y,
                  const Tensors& sample_weight, std::string_view where) {
  ensure_built(model, x, where);
  DataSet data;
  data.x = input_columns(model, x, where);
  resolve(compiled, model);
  add_targets(data, compiled, model, y, where);
  add_weights(data, compiled, sample_weight, where);
  data.samples = common_samples(data, where);
  return data;
}

std::vector<VariableCell*> cells_of(const std::vector<Variable>& variables) {
  std::vector<VariableCell*> cells;
  for (const Variable& v : variables) cells.push_back(v.cell());
  std::sort(cells.begin(), cells.end());
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  return cells;
}

void check_batch_size(Dim batch_size, std::string_view where) {
  require<ValueError>(batch_size >= 1, where, "batch_size must be at least 1. Received ", batch_size, '.');
}

void check_fit_options(const FitOptions& options) {
  constexpr std::string_view where = "Model.fit";
  check_batch_size(options.batch_size, where);
  require<ValueError>(options.epochs >= 0, where, "epochs must not be negative. Received ", options.epochs, '.');
  require<ValueError>(options.initial_epoch >= 0, where, "initial_epoch must not be negative. Received ",
                      options.initial_epoch, '.');
  require<ValueError>(options.validation_split >= 0 && options.validation_split < 1, where,
                      "validation_split must be in [0, 1). Received ", options.validation_split, '.');
  require<ValueError>(options.validation_freq.every() >= 1, where, "validation_freq must be at least 1. Received ",
                      options.validation_freq.every(), '.');
  for (int epoch : options.validation_freq.epochs())
    require<ValueError>(epoch >= 1, where, "The epochs of validation_freq are counted from 1. Received ", epoch, '.');
  for (const auto& [name, value] :
       {std::pair{"steps_per_epoch", options.steps_per_epoch}, std::pair{"validation_steps", options.validation_steps},
        std::pair{"validation_batch_size", options.validation_batch_size}})
    require<ValueError>(value == -1 || value >= 1, where, name, " must be at least 1, or -1 for all. Received ", value,
                        '.');
  require<ValueError>(options.class_weight.empty() || options.sample_weight.empty(), where,
                      "You cannot give `class_weight` and `sample_weight` at the same time.");
}

Dim split_at(Dim samples, double validation_split) {
  const auto kept = static_cast<Dim>(std::floor(static_cast<double>(samples) * (1 - validation_split)));
  require<ValueError>(kept > 0 && kept < samples, "Model.fit", "Training data contains ", samples,
                      " samples, which is not sufficient to split "
                      "it into a validation and training set as specified by `validation_split=",
                      validation_split,
                      "`. Either provide more data, or a different value for the `validation_split` argument.");
  return kept;
}

}  // namespace kerata::training
