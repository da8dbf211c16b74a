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

std::size_t output_index(const std::vector<std::string>& outputs, const std::string& name, std::string_view what,
                         std::string_view hint = {}) {
  const auto found = std::find(outputs.begin(), outputs.end(), name);
  require<ValueError>(found != outputs.end(), kWhere, what, " names an output that the model does not have: \"", name,
                      "\". Expected one of ", list_text(outputs), '.', hint);
  return static_cast<std::size_t>(found - outputs.begin());
}

template <class T>
std::vector<T> per_output(const PerOutput<T>& given, const std::vector<std::string>& outputs, const T& none,
                          std::string_view what) {
  std::vector<T> result(outputs.size(), none);
  if (given.empty()) return result;
  if (!given.names().empty()) {
    for (std::size_t i = 0; i < given.names().size(); ++i)
      result[output_index(outputs, given.names()[i], what)] = given.values()[i];
  } else if (given.is_single()) {
    result.assign(outputs.size(), given.values()[0]);
  } else {
    require<ValueError>(given.values().size() == outputs.size(), kWhere, what,
                        " must be one value, one per output, or given by name. "
                        "Expected ",
                        outputs.size(), " (", list_text(outputs), "), received ", given.values().size(), '.');
    result = given.values();
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
                                                     std::string_view what) {
  std::vector<std::vector<AnyMetric>> result(outputs.size());
  if (given.empty()) return result;
  if (!given.names().empty()) {
    for (std::size_t i = 0; i < given.names().size(); ++i)
      result[output_index(outputs, given.names()[i], what,
                          " Hint: a list of lists is written Metrics::per_output({...}).")] = given.lists()[i].list();
  } else if (given.is_per_output()) {
    require<ValueError>(given.lists().size() == outputs.size(), kWhere, what,
                        " must hold one list per output. Expected ", outputs.size(), ", received ",
                        given.lists().size(), '.');
    for (std::size_t i = 0; i < outputs.size(); ++i) result[i] = given.lists()[i].list();
  } else {
    const std::vector<AnyMetric>& flat = given.lists()[0].list();
    // As Keras: as many metrics as outputs are one each. Any other number is for every output.
    if (outputs.size() > 1 && flat.size() == outputs.size())
      for (std::size_t i = 0; i < outputs.size(); ++i) result[i] = {flat[i]};
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

void resolve_losses(CompiledModel& model, const std::vector<std::string>& outputs) {
  const std::vector<AnyLoss> losses = per_output(model.options.loss, outputs, AnyLoss(), "loss");
  const std::vector<std::optional<double>> weights =
      per_output(model.options.loss_weights, outputs, std::optional<double>(), "loss_weights");
  std::size_t count = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    model.outputs.push_back({outputs[i], losses[i], weights[i].value_or(1)});
    count += static_cast<bool>(losses[i]);
  }
  if (count < 2) return;
  for (OutputPlan& output : model.outputs) {
    if (!output.loss) continue;
    output.tracker = static_cast<int>(model.output_losses.size());
    model.output_loss_names.push_back(output.name + "_loss");
    model.output_losses.push_back(std::make_shared<metrics::Mean>(output.name + "_loss"));
  }
}

void name_scores(CompiledModel& model) {
  std::vector<std::string> rest;
  model.score_names = {"loss"};
  if (model.outputs.size() == 1)
    for (const MetricPlan& plan : model.metrics) model.score_names.push_back(plan.log_name);
  else
    for (const MetricPlan& plan : model.metrics) rest.push_back(plan.log_name);
  model.score_names.insert(model.score_names.end(), model.output_loss_names.begin(), model.output_loss_names.end());
  std::sort(rest.begin(), rest.end());
  model.score_names.insert(model.score_names.end(), rest.begin(), rest.end());
}

}  // namespace

void resolve(CompiledModel& model, const std::vector<std::string>& outputs) {
  if (model.resolved) return;
  model.outputs.clear();
  model.metrics.clear();
  model.output_losses.clear();
  model.output_loss_names.clear();
  resolve_losses(model, outputs);
  LogNames names(outputs);
  for (const bool weighted : {false, true}) {
    const Metrics& given = weighted ? model.options.weighted_metrics : model.options.metrics;
    const auto lists = lists_per_output(given, outputs, weighted ? "weighted_metrics" : "metrics");
    for (std::size_t i = 0; i < outputs.size(); ++i)
      for (const AnyMetric& any : lists[i]) {
        require<ValueError>(static_cast<bool>(any), kWhere,
                            "A metric is empty. Expected a name, an object or a function.");
        const std::shared_ptr<Metric> metric = instance(any);
        model.metrics.push_back({metric, i, weighted, names.name(metric->name(), i, weighted)});
      }
  }
  model.loss = std::make_shared<metrics::Mean>("loss");
  model.log_names = {"loss"};
  for (const MetricPlan& plan : model.metrics) model.log_names.push_back(plan.log_name);
  for (const std::string& name : model.output_loss_names) model.log_names.push_back(name);
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
