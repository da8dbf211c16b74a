// Which loss and which metrics each output has, and what they are called in the logs (keras compile_utils).
#include <algorithm>
#include <map>

#include "core/near_name.h"
#include "core/require.h"
#include "metrics/metric_access.h"
#include "training/trainer_state.h"

namespace kerata::training {
namespace {

constexpr std::string_view kWhere = "Model.compile";

std::string list_text(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "\"" : ", \"") + name + "\"";
  return text;
}

// A tensor may be listed twice among the outputs: its name means each of them.
std::vector<std::size_t> outputs_named(const std::vector<std::string>& outputs, const std::string& name,
                                       std::string_view what, std::string_view hint = {}) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i] == name) indices.push_back(i);
  require<ValueError>(!indices.empty(), kWhere, what, " names an output that the model does not have: \"", name,
                      "\". Expected one of ", list_text(outputs), '.', hint);
  return indices;
}

using Order = std::vector<std::size_t>;

// As the elements of a list stand.
std::vector<std::string> in_order(const std::vector<std::string>& outputs, const Order& order) {
  std::vector<std::string> names;
  for (const std::size_t output : order) names.push_back(outputs[output]);
  return names;
}

template <class T>
std::vector<T> per_output(const PerOutput<T>& given, const std::vector<std::string>& outputs, const Order& order,
                          const T& none, std::string_view what) {
  std::vector<T> result(outputs.size(), none);
  if (given.empty()) return result;
  if (!given.names().empty()) {
    for (std::size_t i = 0; i < given.names().size(); ++i)
      for (const std::size_t output : outputs_named(outputs, given.names()[i], what))
        result[output] = given.values()[i];
  } else if (given.is_single()) {
    result.assign(outputs.size(), given.values()[0]);
  } else {
    require<ValueError>(given.values().size() == outputs.size(), kWhere, what,
                        " must be one value, one per output, or given by name. "
                        "Expected ",
                        outputs.size(), " (", list_text(in_order(outputs, order)), "), received ",
                        given.values().size(), '.');
    for (std::size_t i = 0; i < outputs.size(); ++i) result[order[i]] = given.values()[i];
  }
  return result;
}

// A name means a new metric for every compile(), called as the user wrote it.
std::shared_ptr<Metric> instance(const AnyMetric& given) {
  const std::string identifier = MetricAccess::state(*given).identifier;
  if (identifier.empty()) return given.object();
  std::shared_ptr<Metric> fresh = Metric::from_name(identifier);
  MetricAccess::state(*fresh).name = identifier.substr(identifier.rfind('>') + 1);  // Keras: the function's own name
  return fresh;
}

std::vector<std::vector<AnyMetric>> lists_per_output(const Metrics& given, const std::vector<std::string>& outputs,
                                                     const Order& order, std::string_view what) {
  std::vector<std::vector<AnyMetric>> result(outputs.size());
  if (given.empty()) return result;
  if (!given.names().empty()) {
    for (std::size_t i = 0; i < given.names().size(); ++i)
      for (const std::size_t output : outputs_named(outputs, given.names()[i], what,
                                                    " Hint: a list of lists is written Metrics::per_output({...})."))
        result[output] = given.lists()[i].list();
  } else if (given.is_per_output()) {
    require<ValueError>(given.lists().size() == outputs.size(), kWhere, what,
                        " must hold one list per output. Expected ", outputs.size(), ", received ",
                        given.lists().size(), '.');
    for (std::size_t i = 0; i < outputs.size(); ++i) result[order[i]] = given.lists()[i].list();
  } else {
    const std::vector<AnyMetric>& flat = given.lists()[0].list();
    // As Keras: as many metrics as outputs are one each. Any other number is for every output.
    if (outputs.size() > 1 && flat.size() == outputs.size())
      for (std::size_t i = 0; i < outputs.size(); ++i) result[order[i]] = {flat[i]};
    else
      for (auto& list : result) list = flat;
  }
  return result;
}

// Names in the logs: with the output's name in front when there are several; a repeated name gets a number.
class LogNames {
 public:
  explicit LogNames(const std::vector<std::string>& outputs) : outputs_(outputs) {}
  std::string name(const std::string& metric, std::size_t output, bool weighted) {
    std::string text = prefixed(metric, output);
    if (used_.count(text) && weighted) text = prefixed("weighted_" + metric, output);
    const int before = used_[text]++;
    return before == 0 ? text : text + "_" + std::to_string(before);
  }

 private:
  std::string prefixed(const std::string& metric, std::size_t output) const {
    return outputs_.size() > 1 ? outputs_[output] + "_" + metric : metric;
  }
  const std::vector<std::string>& outputs_;
  std::map<std::string, int> used_;
};

// The order in which the losses of the outputs are reported: as they were given by name to outputs of that name.
Order loss_order(const CompiledModel& model, const std::vector<std::string>& outputs, bool outputs_are_named) {
  const std::vector<std::string>& names = model.options.loss.names();
  if (names.empty() || !outputs_are_named) return model.output_order;
  Order order;
  for (const std::string& name : names)
    for (const std::size_t output : outputs_named(outputs, name, "loss")) order.push_back(output);
  return order;
}

void resolve_losses(CompiledModel& model, const std::vector<std::string>& outputs, bool outputs_are_named) {
  const std::vector<AnyLoss> losses = per_output(model.options.loss, outputs, model.output_order, AnyLoss(), "loss");
  const std::vector<std::optional<double>> weights =
      per_output(model.options.loss_weights, outputs, model.output_order, std::optional<double>(), "loss_weights");
  for (std::size_t i = 0; i < outputs.size(); ++i)
    model.outputs.push_back({outputs[i], losses[i], weights[i].value_or(1)});
  if (std::count_if(losses.begin(), losses.end(), [](const AnyLoss& loss) { return static_cast<bool>(loss); }) < 2)
    return;
  for (const std::size_t i : loss_order(model, outputs, outputs_are_named)) {
    OutputPlan& output = model.outputs[i];
    if (!output.loss) continue;
    output.tracker = static_cast<int>(model.output_losses.size());
    model.output_losses.push_back(std::make_shared<metrics::Mean>(output.name + "_loss"));
  }
}

// Keras's dict of logs: a name that comes again keeps its place and takes the later figure.
void log(CompiledModel& model, const std::string& name, const std::shared_ptr<Metric>& metric) {
  const auto found = std::find(model.log_names.begin(), model.log_names.end(), name);
  if (found != model.log_names.end()) {
    model.logged[static_cast<std::size_t>(found - model.log_names.begin())] = metric;
    return;
  }
  model.log_names.push_back(name);
  model.logged.push_back(metric);
}

void name_logs(CompiledModel& model) {
  model.log_names.clear();
  model.logged.clear();
  log(model, "loss", model.loss);
  for (const MetricPlan& plan : model.metrics) log(model, plan.log_name, plan.metric);
  for (const auto& mean : model.output_losses) log(model, mean->name(), mean);
}

// Keras's list: figures whose metric is called as they are (so a repeated name comes repeatedly), then the rest,
// sorted.
void name_scores(CompiledModel& model) {
  std::vector<std::string> own{"loss"}, rest = model.log_names;
  for (const MetricPlan& plan : model.metrics) own.push_back(plan.metric->name());
  for (const auto& mean : model.output_losses) own.push_back(mean->name());
  std::erase_if(rest, [&](const std::string& name) { return std::find(own.begin(), own.end(), name) != own.end(); });
  std::erase_if(own, [&](const std::string& name) {
    return std::find(model.log_names.begin(), model.log_names.end(), name) == model.log_names.end();
  });
  std::sort(rest.begin(), rest.end());
  model.score_names = std::move(own);
  model.score_names.insert(model.score_names.end(), rest.begin(), rest.end());
}

}  // namespace

void resolve(CompiledModel& model, const ModelLayer& layer) {
  if (model.resolved) return;
  const std::vector<std::string> outputs = models::output_names_of(layer);
  model.outputs.clear();
  model.metrics.clear();
  model.output_losses.clear();
  model.output_order = models::output_order_of(layer);
  resolve_losses(model, outputs, models::outputs_are_named(layer));
  LogNames names(outputs);
  for (const bool weighted : {false, true}) {
    const Metrics& given = weighted ? model.options.weighted_metrics : model.options.metrics;
    const auto lists = lists_per_output(given, outputs, model.output_order, weighted ? "weighted_metrics" : "metrics");
    for (const std::size_t i : model.output_order)
      for (const AnyMetric& any : lists[i]) {
        require<ValueError>(static_cast<bool>(any), kWhere,
                            "A metric is empty. Expected a name, an object or a function.");
        const std::shared_ptr<Metric> metric = instance(any);
        model.metrics.push_back({metric, i, weighted, names.name(metric->name(), i, weighted)});
      }
  }
  model.loss = std::make_shared<metrics::Mean>("loss");
  name_logs(model);
  name_scores(model);
  model.results = nullptr;
  model.resolved = true;
}

bool CompiledModel::has_loss() const {
  return std::any_of(outputs.begin(), outputs.end(),
                     [](const OutputPlan& output) { return static_cast<bool>(output.loss); });
}

std::vector<Variable> CompiledModel::metric_variables() const {
  std::vector<Variable> all = loss->variables();
  auto add = [&](const Metric& metric) {
    for (const Variable& v : metric.variables()) all.push_back(v);
  };
  for (const MetricPlan& plan : metrics) add(*plan.metric);
  for (const auto& mean : output_losses) add(*mean);
  return all;
}

}  // namespace kerata::training
