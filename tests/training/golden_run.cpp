#include "training/golden_run.h"

#include <algorithm>

#include "kerata/optimizers/optimizers.h"
#include "training/recipes.h"

namespace kerata::test {
namespace {

using golden::Json;

constexpr golden::Tolerance kTolerance{1e-5, 2e-6};

bool is_object(const Json& value) { return value.is_object() && value.contains("class_name"); }

AnyLoss loss_of(const Json& value) {
  return value.is_string() ? AnyLoss(value.get<std::string>()) : AnyLoss(Loss::from_config(golden::config(value)));
}
AnyMetric metric_of(const Json& value) {
  return value.is_string() ? AnyMetric(value.get<std::string>())
                           : AnyMetric(Metric::from_config(golden::config(value)));
}
MetricList list_of(const Json& value) {
  std::vector<AnyMetric> list;
  if (value.is_array())
    for (const Json& each : value) list.push_back(metric_of(each));
  else
    list.push_back(metric_of(value));
  return MetricList(list);
}

template <class T, class Make>
PerOutput<T> per_output(const Json& value, const Make& make) {
  if (value.is_null()) return {};
  if (value.is_array()) {
    std::vector<T> list;
    for (const Json& each : value) list.push_back(make(each));
    return list;
  }
  if (value.is_object() && !is_object(value)) {
    const auto first = value.begin(), second = std::next(first);
    return {{first.key(), make(first.value())}, {second.key(), make(second.value())}};
  }
  return PerOutput<T>(make(value));
}

Metrics metrics_of(const Json& value) {
  if (value.is_null() || value.empty()) return {};
  if (value.is_object()) {
    const auto first = value.begin(), second = std::next(first);
    if (second == value.end()) return {{first.key(), list_of(first.value())}};
    return {{first.key(), list_of(first.value())}, {second.key(), list_of(second.value())}};
  }
  if (value[0].is_array()) return Metrics::per_output({list_of(value[0]), list_of(value[1])});
  return Metrics::per_output({list_of(value)});
}

const Json& get(const Json& object, const char* key) {
  static const Json none;
  return object.contains(key) ? object.at(key) : none;
}

template <class T>
void read(const Json& fit, const char* key, T& to) {
  if (fit.contains(key) && !fit.at(key).is_null()) to = fit.at(key).get<T>();
}

// The logs of every batch of the first epoch.
class BatchLogs final : public Callback {
 public:
  void on_epoch_begin(int) override { ++epoch_; }
  void on_train_batch_end(int, const Logs& logs) override {
    if (epoch_ != 1) return;
    rows_.emplace_back();
    for (const auto& [name, value] : logs) rows_.back()[name] = value;
  }
  const std::vector<std::map<std::string, double>>& rows() const { return rows_; }

 private:
  int epoch_ = 0;
  std::vector<std::map<std::string, double>> rows_;
};

void check_history(const History& history, const Json& run, const std::string& name) {
  EXPECT_EQ(history.history.size(), run.at("history").size()) << name;
  for (const auto& [key, values] : run.at("history").items())
    golden::expect_near_all(history[key], golden::numbers(values), kTolerance, name + ", history of " + key);
  if (run.contains("epochs_run")) {
    EXPECT_EQ(history.epoch, run.at("epochs_run").get<std::vector<int>>()) << name;
  }
}

void check_batches(const BatchLogs& logs, const Json& run, const std::string& name) {
  ASSERT_EQ(logs.rows().size(), run.at("batch_logs").size()) << name;
  for (std::size_t i = 0; i < logs.rows().size(); ++i) {
    const Json& expected = run.at("batch_logs")[i];
    EXPECT_EQ(logs.rows()[i].size(), expected.size()) << name;
    for (const auto& [key, value] : logs.rows()[i]) {
      EXPECT_NEAR(value, golden::number(expected.at(key)), 2e-6 + 1e-5 * std::abs(value))
          << name << ", " << key << ", batch " << i;
    }
  }
}

// Where a run ends: weights, optimizer and predictions. The referee is the same run of Keras in float64 where there is
// one: in float32 both of its back ends round 1 - beta^t of Adam, and are up to 1e-5 away from it.
struct End {
  const golden::File* file;
  const Json* run;
};
End end_of(const golden::File& file, const Json& run) {
  const golden::File& exact = golden::open("training_float64");
  for (const Json& each : exact["runs"])
    if (each.at("name") == run.at("name") && &golden::open(each.at("file").get<std::string>()) == &file)
      return {&exact, &each};
  return {&file, &run};
}

void check_near(const std::vector<Tensor>& found, const std::vector<Tensor>& expected, const std::string& name) {
  ASSERT_EQ(found.size(), expected.size()) << name;
  for (std::size_t i = 0; i < found.size(); ++i)
    golden::expect_near_all(found[i].cast("float64"), expected[i].cast("float64"), kTolerance,
                            name + " " + std::to_string(i));
}

void check_end(Model& model, const golden::File& file, const Json& run, const std::string& name) {
  const End end = end_of(file, run);
  check_near(model.get_weights().list(), end.file->tensors(end.run->at("final_weights")), name + ", weight");
  std::vector<Tensor> slots;
  for (const Variable& variable : model.optimizer().variables()) slots.push_back(variable.value());
  check_near(slots, end.file->tensors(end.run->at("optimizer_variables")), name + ", optimizer variable");
  const Tensors prediction = model.predict_all(file.nested(run.at("validation").at("x")), {.verbose = 0});
  const Tensors wanted = end.file->nested(end.run->at("predict"));
  std::vector<Tensor> in_order;
  for (const std::string& each : wanted.names()) in_order.push_back(prediction[each]);
  check_near(wanted.names().empty() ? prediction.list() : in_order, wanted.list(), name + ", predict");
}

void check_evaluate(Model& model, const golden::File& file, const Json& run, const std::string& name) {
  const Json &expected = run.at("evaluate"), &data = run.at("validation");
  EvaluateOptions options{.verbose = 0, .sample_weight = file.nested(data.at("sample_weight"))};
  read(expected, "batch_size", options.batch_size);
  const Scores scores = model.evaluate(file.nested(data.at("x")), file.nested(data.at("y")), options);
  const auto names = expected.at("names").get<std::vector<std::string>>();
  EXPECT_EQ(scores.names(), names) << name;
  for (const std::string& each : names) {
    const double value = golden::number(expected.at("dict").at(each));
    EXPECT_NEAR(scores[each], value, 2e-6 + 1e-5 * std::abs(value)) << name << ", evaluate, " << each;
  }
}

}  // namespace

Model prepare(const golden::File& file, const Json& run) {
  Model model = make_recipe(run.at("recipe").get<std::string>());
  model.set_weights(file.tensors(run.at("initial_weights")));
  const Json& given = run.at("compile");
  auto number = [](const Json& value) { return golden::number(value); };
  model.compile({.optimizer = AnyOptimizer(Optimizer::from_config(golden::config(given.at("optimizer")))),
                 .loss = per_output<AnyLoss>(get(given, "loss"), loss_of),
                 .loss_weights = per_output<std::optional<double>>(get(given, "loss_weights"), number),
                 .metrics = metrics_of(get(given, "metrics")),
                 .weighted_metrics = metrics_of(get(given, "weighted_metrics")),
                 .steps_per_execution = given.value("steps_per_execution", 1)});
  return model;
}

FitOptions fit_options(const golden::File& file, const Json& run) {
  const Json& fit = run.at("fit");
  FitOptions options{.verbose = 0, .shuffle = false};
  read(fit, "batch_size", options.batch_size);
  read(fit, "epochs", options.epochs);
  read(fit, "validation_split", options.validation_split);
  read(fit, "initial_epoch", options.initial_epoch);
  read(fit, "steps_per_epoch", options.steps_per_epoch);
  read(fit, "validation_steps", options.validation_steps);
  read(fit, "validation_batch_size", options.validation_batch_size);
  if (const Json& freq = get(fit, "validation_freq"); freq.is_array())
    options.validation_freq = freq.get<std::vector<int>>();
  else if (freq.is_number())
    options.validation_freq = freq.get<int>();
  for (const auto& [key, value] : get(fit, "class_weight").items())
    options.class_weight[std::stoi(key)] = value.get<double>();
  options.sample_weight = file.nested(run.at("sample_weight"));
  if (!options.class_weight.empty()) options.sample_weight = Tensors();
  const bool validated = !run.contains("validated_in_fit") || run.at("validated_in_fit").get<bool>();
  if (const Json& data = run.at("validation"); validated)
    options.validation_data = {file.nested(data.at("x")), file.nested(data.at("y")),
                               file.nested(data.at("sample_weight"))};
  return options;
}

void check_run(const golden::File& file, const Json& run, const std::vector<AnyCallback>& callbacks) {
  const std::string name = run.at("name").get<std::string>() + " (" + run.at("recipe").get<std::string>() + ")";
  Model model = prepare(file, run);
  FitOptions options = fit_options(file, run);
  BatchLogs batch_logs;
  options.callbacks = callbacks;
  options.callbacks.push_back(batch_logs);
  const History history = model.fit(file.nested(run.at("x")), file.nested(run.at("y")), options);
  check_history(history, run, name);
  check_batches(batch_logs, run, name);
  check_end(model, file, run, name);
  check_evaluate(model, file, run, name);
}

}  // namespace kerata::test
