// The losses, as classes (with options) and as functions of (y_true, y_pred); names and defaults are Keras's.
#pragma once

#include <optional>

#include "kerata/core/fields.h"
#include "kerata/losses/loss.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace losses {

using kerata::Loss;

/// mean((y_true - y_pred)^2) over the last axis.
struct MeanSquaredErrorFunction {
  static constexpr const char* kName = "mean_squared_error";
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const;
};
/// mean(|y_true - y_pred|) over the last axis.
struct MeanAbsoluteErrorFunction {
  static constexpr const char* kName = "mean_absolute_error";
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const;
};
/// y_pred: probabilities, or logits with from_logits; mean over `axis`. label_smoothing in [0, 1] draws the targets to
/// 0.5.
struct BinaryCrossentropyFunction {
  static constexpr const char* kName = "binary_crossentropy";
  static constexpr const char* kClassName = "BinaryCrossentropy";
  struct Options {
    bool from_logits = false;
    double label_smoothing = 0.0;
    Dim axis = -1;
  };
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const;
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred, const Options& options) const;
};
/// y_true: one-hot or probabilities (..., classes); label_smoothing in [0, 1] draws them to 1 / classes.
struct CategoricalCrossentropyFunction {
  static constexpr const char* kName = "categorical_crossentropy";
  static constexpr const char* kClassName = "CategoricalCrossentropy";
  struct Options {
    bool from_logits = false;
    double label_smoothing = 0.0;
    Dim axis = -1;
  };
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const;
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred, const Options& options) const;
};
/// y_true: class indices (...) or (..., 1); a label equal to ignore_class counts as loss 0 and is masked.
struct SparseCategoricalCrossentropyFunction {
  static constexpr const char* kName = "sparse_categorical_crossentropy";
  static constexpr bool kClassIndices = true;
  struct Options {
    bool from_logits = false;
    std::optional<Dim> ignore_class = {};
    Dim axis = -1;
  };
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const;
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred, const Options& options) const;
  /// Throws ValueError for a class index outside [0, classes).
  void check_targets(const Tensor& y_true, const Shape& y_pred) const;
  void check_targets(const Tensor& y_true, const Shape& y_pred, const Options& options) const;
};
inline constexpr MeanSquaredErrorFunction mean_squared_error{};
inline constexpr MeanAbsoluteErrorFunction mean_absolute_error{};
inline constexpr BinaryCrossentropyFunction binary_crossentropy{};
inline constexpr CategoricalCrossentropyFunction categorical_crossentropy{};
inline constexpr SparseCategoricalCrossentropyFunction sparse_categorical_crossentropy{};

/// What Keras leaves out of configs; Keras 2 wrote the function's name as well.
inline constexpr KerasKey kOldKeys[] = {{"fn", KerasKey::ignored}};

/// A loss that is one function of both tensors, reduced.
template <class Function>
class FunctionLoss : public Loss {
 public:
  struct Options {
    Choice<Reduction> reduction = "sum_over_batch_size";
    std::string name = Function::kName;
    std::string dtype = {};
    static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
    static constexpr auto fields() {
      return std::tuple{field("reduction", &Options::reduction), field("name", &Options::name),
                        field("dtype", &Options::dtype, Saved::if_changed)};
    }
  };
  FunctionLoss() : FunctionLoss(Options{}) {}
  explicit FunctionLoss(const Options& options)
      : Loss(options.name, options.reduction, options.dtype), options_(options) {}
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override { return Function{}(y_true, y_pred); }
  Config get_config() const override { return kerata::config_of(options_); }

 private:
  Options options_;
};
class MeanSquaredError : public FunctionLoss<MeanSquaredErrorFunction> {
 public:
  using FunctionLoss::FunctionLoss;
};
class MeanAbsoluteError : public FunctionLoss<MeanAbsoluteErrorFunction> {
 public:
  using FunctionLoss::FunctionLoss;
};

/// Throws ValueError outside of [0, 1].
void check_smoothing(std::string_view where, double label_smoothing);

/// A cross-entropy with label smoothing.
template <class Function>
class SmoothedCrossentropy : public Loss {
 public:
  struct Options {
    bool from_logits = false;
    double label_smoothing = 0.0;
    Dim axis = -1;
    Choice<Reduction> reduction = "sum_over_batch_size";
    std::string name = Function::kName;
    std::string dtype = {};
    static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
    static constexpr auto fields() {
      return std::tuple{field("from_logits", &Options::from_logits),
                        field("label_smoothing", &Options::label_smoothing),
                        field("axis", &Options::axis),
                        field("reduction", &Options::reduction),
                        field("name", &Options::name),
                        field("dtype", &Options::dtype, Saved::if_changed)};
    }
  };
  SmoothedCrossentropy() : SmoothedCrossentropy(Options{}) {}
  explicit SmoothedCrossentropy(const Options& options)
      : Loss(options.name, options.reduction, options.dtype), options_(options) {
    check_smoothing(Function::kClassName, options.label_smoothing);
  }
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override {
    Tensor truth = y_true, prediction = y_pred;
    kerata::detail::match_ranks(truth, prediction);
    return Function{}(
        truth, prediction,
        {.from_logits = options_.from_logits, .label_smoothing = options_.label_smoothing, .axis = options_.axis});
  }
  Config get_config() const override { return kerata::config_of(options_); }

 private:
  Options options_;
};
class BinaryCrossentropy : public SmoothedCrossentropy<BinaryCrossentropyFunction> {
 public:
  using SmoothedCrossentropy::SmoothedCrossentropy;
};
class CategoricalCrossentropy : public SmoothedCrossentropy<CategoricalCrossentropyFunction> {
 public:
  using SmoothedCrossentropy::SmoothedCrossentropy;
};

class SparseCategoricalCrossentropy : public Loss {
 public:
  struct Options {
    bool from_logits = false;
    std::optional<Dim> ignore_class = {};
    Choice<Reduction> reduction = "sum_over_batch_size";
    Dim axis = -1;
    std::string name = "sparse_categorical_crossentropy";
    std::string dtype = {};
    static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
    static constexpr auto fields() {
      return std::tuple{field("from_logits", &Options::from_logits),
                        field("ignore_class", &Options::ignore_class),
                        field("reduction", &Options::reduction),
                        field("axis", &Options::axis, Saved::if_changed),
                        field("name", &Options::name),
                        field("dtype", &Options::dtype, Saved::if_changed)};
    }
  };
  SparseCategoricalCrossentropy();
  explicit SparseCategoricalCrossentropy(const Options& options);
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override;
  void check_targets(const Tensor& y_true, const Shape& y_pred) const override;
  bool casts_targets() const override { return false; }
  Config get_config() const override;

 private:
  Options options_;
};

}  // namespace losses
}  // namespace kerata

#pragma GCC visibility pop
