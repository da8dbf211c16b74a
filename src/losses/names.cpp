// Losses by name and from configs.
#include "core/class_family.h"
#include "kerata/losses/losses.h"

namespace kerata {
namespace {

using Family = ClassFamily<Loss>;

template <class F>
std::shared_ptr<Loss> function() {
  return std::make_shared<FromFunction<Loss, F>>(F{});
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

// Lower-case names are functions in Keras, CamelCase names classes.
Family& family() {
  static Family instance({"loss", "losses", "keras.losses"},
                         {family_class<Loss, losses::MeanSquaredError>({"MeanSquaredError"}),
                          family_class<Loss, losses::MeanAbsoluteError>({"MeanAbsoluteError"}),
                          family_class<Loss, losses::BinaryCrossentropy>({"BinaryCrossentropy"}),
                          family_class<Loss, losses::CategoricalCrossentropy>({"CategoricalCrossentropy"}),
                          family_class<Loss, losses::SparseCategoricalCrossentropy>({"SparseCategoricalCrossentropy"})},
                         {{"mean_squared_error", function<losses::MeanSquaredErrorFunction>},
                          {"mse", function<losses::MeanSquaredErrorFunction>},
                          {"MSE", function<losses::MeanSquaredErrorFunction>},
                          {"mean_absolute_error", function<losses::MeanAbsoluteErrorFunction>},
                          {"mae", function<losses::MeanAbsoluteErrorFunction>},
                          {"MAE", function<losses::MeanAbsoluteErrorFunction>},
                          {"binary_crossentropy", function<losses::BinaryCrossentropyFunction>},
                          {"bce", function<losses::BinaryCrossentropyFunction>},
                          {"BCE", function<losses::BinaryCrossentropyFunction>},
                          {"categorical_crossentropy", function<losses::CategoricalCrossentropyFunction>},
                          {"sparse_categorical_crossentropy", function<losses::SparseCategoricalCrossentropyFunction>},
                          {"crossentropy", function<CrossentropyByShape>},
                          {"ce", function<CrossentropyByShape>}});
  return instance;
}

}  // namespace

Config Loss::get_config() const { family().fail_no_config(*this, name_); }
Config Loss::to_config() const { return family().to_config(*this); }
std::shared_ptr<Loss> Loss::from_name(const std::string& name) { return family().from_name(name); }
std::shared_ptr<Loss> Loss::from_config(const Config& config) { return family().from_config(config); }
void Loss::add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Loss> make) {
  family().add_class(name, type, make);
}
void Loss::add_function(const std::string& name, std::shared_ptr<Loss> function) {
  family().add_function(name, std::move(function));
}

}  // namespace kerata
