// Losses by name and from configs.
#include "core/near_name.h"
#include "core/require.h"
#include "kerata/losses/losses.h"

namespace kerata {
namespace {

using Make = std::shared_ptr<Loss> (*)();
template <class F>
std::shared_ptr<Loss> function() {
  return std::make_shared<FromFunction<Loss, F>>(F{});
}
template <class T>
std::shared_ptr<Loss> object() {
  return std::make_shared<T>();
}

// "crossentropy": which one, the shapes say (keras.src.trainers.compile_utils.get_loss).
struct CrossentropyByShape {
  static constexpr const char* kName = "crossentropy";
  static constexpr bool kClassIndices = true;
  static bool is_sparse(const Shape& y_true, const Shape& y_pred) {
    return y_true.rank() < y_pred.rank() || (y_true.back() == 1 && y_pred.back() > 1);
  }
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const {
    if (y_pred.shape().back() == 1) return losses::binary_crossentropy(y_true, y_pred);
    if (is_sparse(y_true.shape(), y_pred.shape())) return losses::sparse_categorical_crossentropy(y_true, y_pred);
    return losses::categorical_crossentropy(y_true, y_pred);
  }
  void check_targets(const Tensor& y_true, const Shape& y_pred) const {
    if (y_pred.back() != 1 && is_sparse(y_true.shape(), y_pred))
      losses::sparse_categorical_crossentropy.check_targets(y_true, y_pred);
  }
};

struct Entry {
  std::string_view name;
  Make make;
};
// Lower-case names are functions in Keras, CamelCase names classes.
constexpr Entry kLosses[] = {
    {"mean_squared_error", function<losses::MeanSquaredErrorFunction>},
    {"mse", function<losses::MeanSquaredErrorFunction>},
    {"MSE", function<losses::MeanSquaredErrorFunction>},
    {"MeanSquaredError", object<losses::MeanSquaredError>},
    {"mean_absolute_error", function<losses::MeanAbsoluteErrorFunction>},
    {"mae", function<losses::MeanAbsoluteErrorFunction>},
    {"MAE", function<losses::MeanAbsoluteErrorFunction>},
    {"MeanAbsoluteError", object<losses::MeanAbsoluteError>},
    {"binary_crossentropy", function<losses::BinaryCrossentropyFunction>},
    {"bce", function<losses::BinaryCrossentropyFunction>},
    {"BCE", function<losses::BinaryCrossentropyFunction>},
    {"BinaryCrossentropy", object<losses::BinaryCrossentropy>},
    {"categorical_crossentropy", function<losses::CategoricalCrossentropyFunction>},
    {"CategoricalCrossentropy", object<losses::CategoricalCrossentropy>},
    {"sparse_categorical_crossentropy", function<losses::SparseCategoricalCrossentropyFunction>},
    {"SparseCategoricalCrossentropy", object<losses::SparseCategoricalCrossentropy>},
    {"crossentropy", function<CrossentropyByShape>},
    {"ce", function<CrossentropyByShape>},
};

template <class T>
std::shared_ptr<Loss> read(const Config& config) {
  return std::make_shared<T>(read_fields<typename T::Options>(config));
}
struct ClassEntry {
  std::string_view name;
  std::shared_ptr<Loss> (*read)(const Config& config);
};
constexpr ClassEntry kClasses[] = {
    {"MeanSquaredError", read<losses::MeanSquaredError>},
    {"MeanAbsoluteError", read<losses::MeanAbsoluteError>},
    {"BinaryCrossentropy", read<losses::BinaryCrossentropy>},
    {"CategoricalCrossentropy", read<losses::CategoricalCrossentropy>},
    {"SparseCategoricalCrossentropy", read<losses::SparseCategoricalCrossentropy>},
};

[[noreturn]] void fail_unknown(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Entry& entry : kLosses) known.push_back(entry.name);
  fail<ValueError>("losses", "Unknown loss \"", name, "\".", name_hint(name, known));
}

}  // namespace

std::shared_ptr<Loss> Loss::from_name(const std::string& name) {
  for (const Entry& entry : kLosses)
    if (entry.name == name) return entry.make();
  fail_unknown(name);
}

std::shared_ptr<Loss> Loss::from_config(const Config& config) {
  if (config.is_text()) return from_name(config.as_text());
  const Config* class_name = config.find("class_name");
  require<ValueError>(class_name != nullptr, "losses", "Expected a name or {class_name, config}, received ",
                      to_string(config), '.');
  const Config* fields = config.find("config");
  for (const ClassEntry& entry : kClasses)
    if (entry.name == class_name->as_text()) return entry.read(fields ? *fields : Config(Config::Object{}));
  fail_unknown(class_name->as_text());
}

}  // namespace kerata
