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

class MeanSquaredError : public Loss {
 public:
  struct Options {
    Choice<Reduction> reduction = "sum_over_batch_size";
    std::string name = "mean_squared_error";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("reduction", &Options::reduction), field("name", &Options::name),
                        field("dtype", &Options::dtype)};
    }
  };
  MeanSquaredError();
  explicit MeanSquaredError(const Options& options);
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override;
  Config to_config() const override;

 private:
  Options options_;
};

class MeanAbsoluteError : public Loss {
 public:
  struct Options {
    Choice<Reduction> reduction = "sum_over_batch_size";
    std::string name = "mean_absolute_error";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("reduction", &Options::reduction), field("name", &Options::name),
                        field("dtype", &Options::dtype)};
    }
  };
  MeanAbsoluteError();
  explicit MeanAbsoluteError(const Options& options);
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override;
  Config to_config() const override;

 private:
  Options options_;
};

class BinaryCrossentropy : public Loss {
 public:
  struct Options {
    bool from_logits = false;
    double label_smoothing = 0.0;
    Dim axis = -1;
    Choice<Reduction> reduction = "sum_over_batch_size";
    std::string name = "binary_crossentropy";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("from_logits", &Options::from_logits),
                        field("label_smoothing", &Options::label_smoothing),
                        field("axis", &Options::axis),
                        field("reduction", &Options::reduction),
                        field("name", &Options::name),
                        field("dtype", &Options::dtype)};
    }
  };
  BinaryCrossentropy();
  explicit BinaryCrossentropy(const Options& options);
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override;
  Config to_config() const override;

 private:
  Options options_;
};

class CategoricalCrossentropy : public Loss {
 public:
  struct Options {
    bool from_logits = false;
    double label_smoothing = 0.0;
    Dim axis = -1;
    Choice<Reduction> reduction = "sum_over_batch_size";
    std::string name = "categorical_crossentropy";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("from_logits", &Options::from_logits),
                        field("label_smoothing", &Options::label_smoothing),
                        field("axis", &Options::axis),
                        field("reduction", &Options::reduction),
                        field("name", &Options::name),
                        field("dtype", &Options::dtype)};
    }
  };
  CategoricalCrossentropy();
  explicit CategoricalCrossentropy(const Options& options);
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override;
  Config to_config() const override;

 private:
  Options options_;
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
    static constexpr auto fields() {
      return std::tuple{field("from_logits", &Options::from_logits),
                        field("ignore_class", &Options::ignore_class),
                        field("reduction", &Options::reduction),
                        field("axis", &Options::axis),
                        field("name", &Options::name),
                        field("dtype", &Options::dtype)};
    }
  };
  SparseCategoricalCrossentropy();
  explicit SparseCategoricalCrossentropy(const Options& options);
  Tensor call(const Tensor& y_true, const Tensor& y_pred) const override;
  void check_targets(const Tensor& y_true, const Shape& y_pred) const override;
  bool casts_targets() const override { return false; }
  Config to_config() const override;

 private:
  Options options_;
};

}  // namespace losses
}  // namespace kerata

#pragma GCC visibility pop
