// Metrics by name and from configs.
#include "core/near_name.h"
#include "core/require.h"
#include "kerata/losses/losses.h"
#include "kerata/metrics/metrics.h"
#include "metrics/metric_access.h"

namespace kerata {
namespace {

// "accuracy": which one, the shapes say (keras.src.trainers.compile_utils.get_metric).
struct AccuracyByShape {
  static constexpr const char* kName = "accuracy";
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const {
    const std::string_view which = accuracy_class(y_true.shape(), y_pred.shape());
    if (which == "BinaryAccuracy") return metrics::binary_accuracy(y_true, y_pred);
    if (which == "SparseCategoricalAccuracy") return metrics::sparse_categorical_accuracy(y_true, y_pred);
    return metrics::categorical_accuracy(y_true, y_pred);
  }
};

template <class T>
std::shared_ptr<Metric> object() {
  return std::make_shared<T>();
}
template <class F>
std::shared_ptr<Metric> mean_of() {
  auto metric = std::make_shared<metrics::MeanMetricWrapper>(F::kName, F{});
  MetricAccess::state(*metric).direction = std::is_same_v<F, AccuracyByShape> ? 1 : -1;
  return metric;
}

struct Entry {
  std::string_view name;
  std::shared_ptr<Metric> (*make)();
};
constexpr Entry kMetrics[] = {
    {"accuracy", mean_of<AccuracyByShape>},
    {"acc", mean_of<AccuracyByShape>},
    {"Accuracy", mean_of<AccuracyByShape>},  // Keras compares in lower case
    {"mean", object<metrics::Mean>},
    {"Mean", object<metrics::Mean>},
    {"sum", object<metrics::Sum>},
    {"Sum", object<metrics::Sum>},
    {"binary_accuracy", object<metrics::BinaryAccuracy>},
    {"BinaryAccuracy", object<metrics::BinaryAccuracy>},
    {"categorical_accuracy", object<metrics::CategoricalAccuracy>},
    {"CategoricalAccuracy", object<metrics::CategoricalAccuracy>},
    {"sparse_categorical_accuracy", object<metrics::SparseCategoricalAccuracy>},
    {"SparseCategoricalAccuracy", object<metrics::SparseCategoricalAccuracy>},
    {"mean_squared_error", object<metrics::MeanSquaredError>},
    {"mse", object<metrics::MeanSquaredError>},
    {"MSE", object<metrics::MeanSquaredError>},
    {"MeanSquaredError", object<metrics::MeanSquaredError>},
    {"mean_absolute_error", object<metrics::MeanAbsoluteError>},
    {"mae", object<metrics::MeanAbsoluteError>},
    {"MAE", object<metrics::MeanAbsoluteError>},
    {"MeanAbsoluteError", object<metrics::MeanAbsoluteError>},
    {"root_mean_squared_error", object<metrics::RootMeanSquaredError>},
    {"RootMeanSquaredError", object<metrics::RootMeanSquaredError>},
    {"binary_crossentropy", mean_of<losses::BinaryCrossentropyFunction>},
    {"bce", mean_of<losses::BinaryCrossentropyFunction>},
    {"BCE", mean_of<losses::BinaryCrossentropyFunction>},
    {"BinaryCrossentropy", mean_of<losses::BinaryCrossentropyFunction>},
    {"categorical_crossentropy", mean_of<losses::CategoricalCrossentropyFunction>},
    {"CategoricalCrossentropy", mean_of<losses::CategoricalCrossentropyFunction>},
    {"sparse_categorical_crossentropy", mean_of<losses::SparseCategoricalCrossentropyFunction>},
    {"SparseCategoricalCrossentropy", mean_of<losses::SparseCategoricalCrossentropyFunction>},
};

template <class T>
std::shared_ptr<Metric> read(const Config& config) {
  return std::make_shared<T>(read_fields<typename T::Options>(config));
}
std::shared_ptr<Metric> read_wrapper(const Config& config) {
  const Config *fn = config.find("fn"), *name = config.find("name"), *dtype = config.find("dtype");
  require<ValueError>(fn != nullptr, "MeanMetricWrapper", "The config holds no \"fn\".");
  metrics::MeanMetricWrapper::Options options;
  if (name) read_config(*name, options.name);
  if (dtype) read_config(*dtype, options.dtype);
  return std::make_shared<metrics::MeanMetricWrapper>(AnyLoss(Loss::from_config(*fn)), options);
}
struct ClassEntry {
  std::string_view name;
  std::shared_ptr<Metric> (*read)(const Config& config);
};
constexpr ClassEntry kClasses[] = {
    {"Mean", read<metrics::Mean>},
    {"Sum", read<metrics::Sum>},
    {"Accuracy", read<metrics::Accuracy>},
    {"BinaryAccuracy", read<metrics::BinaryAccuracy>},
    {"CategoricalAccuracy", read<metrics::CategoricalAccuracy>},
    {"SparseCategoricalAccuracy", read<metrics::SparseCategoricalAccuracy>},
    {"MeanSquaredError", read<metrics::MeanSquaredError>},
    {"MeanAbsoluteError", read<metrics::MeanAbsoluteError>},
    {"RootMeanSquaredError", read<metrics::RootMeanSquaredError>},
    {"MeanMetricWrapper", read_wrapper},
};

[[noreturn]] void fail_unknown(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Entry& entry : kMetrics) known.push_back(entry.name);
  fail<ValueError>("metrics", "Unknown metric \"", name, "\".", name_hint(name, known));
}

}  // namespace

std::string_view accuracy_class(const Shape& y_true, const Shape& y_pred) {
  if (y_pred.rank() > 0 && y_pred.back() == 1) return "BinaryAccuracy";
  const bool one_label = y_true.rank() > 0 && y_true.back() == 1 && y_pred.rank() > 0 && y_pred.back() > 1;
  return y_true.rank() < y_pred.rank() || one_label ? "SparseCategoricalAccuracy" : "CategoricalAccuracy";
}

std::shared_ptr<Metric> Metric::from_name(const std::string& name) {
  for (const Entry& entry : kMetrics) {
    if (entry.name != name) continue;
    auto metric = entry.make();
    metric->state_->identifier = name;
    return metric;
  }
  fail_unknown(name);
}

std::shared_ptr<Metric> Metric::from_config(const Config& config) {
  if (config.is_text()) return from_name(config.as_text());
  const Config* class_name = config.find("class_name");
  require<ValueError>(class_name != nullptr, "metrics", "Expected a name or {class_name, config}, received ",
                      to_string(config), '.');
  const Config* fields = config.find("config");
  for (const ClassEntry& entry : kClasses)
    if (entry.name == class_name->as_text()) return entry.read(fields ? *fields : Config(Config::Object{}));
  fail_unknown(class_name->as_text());
}

}  // namespace kerata
