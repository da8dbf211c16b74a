// The metrics; names and defaults are Keras's.
#pragma once

#include "kerata/core/fields.h"
#include "kerata/losses/losses.h"
#include "kerata/metrics/metric.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace metrics {

/// Share of predictions that equal the target. Values (batch, ...).
struct AccuracyFunction {
  static constexpr const char* kName = "accuracy";
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const;
};
/// Share of targets (0 or 1) that y_pred > threshold gives.
struct BinaryAccuracyFunction {
  static constexpr const char* kName = "binary_accuracy";
  double threshold = 0.5;
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const;
  static constexpr auto fields() {
    return std::tuple{field("threshold", &BinaryAccuracyFunction::threshold, Saved::if_changed)};
  }
};
/// Whether the largest of y_pred (..., classes) is where the largest of y_true is.
struct CategoricalAccuracyFunction {
  static constexpr const char* kName = "categorical_accuracy";
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const;
};
/// Whether the largest of y_pred (..., classes) is at the class index y_true (...) or (..., 1).
struct SparseCategoricalAccuracyFunction {
  static constexpr const char* kName = "sparse_categorical_accuracy";
  Tensor operator()(const Tensor& y_true, const Tensor& y_pred) const;
};
inline constexpr AccuracyFunction accuracy{};
inline constexpr BinaryAccuracyFunction binary_accuracy{};
inline constexpr CategoricalAccuracyFunction categorical_accuracy{};
inline constexpr SparseCategoricalAccuracyFunction sparse_categorical_accuracy{};

/// The weighted mean of values.
class Mean : public Metric {
 public:
  struct Options {
    std::string name = "mean";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)};
    }
  };
  explicit Mean(std::string name = "mean");
  explicit Mean(const Options& options);
  void update_state(const Operand& values, const Tensor& sample_weight = {});
  Config get_config() const override;

 protected:
  void update(const Tensor& values, const Tensor& unused, const Tensor& sample_weight,
              const CallContext& context) const override;
  Tensor compute() const override;

 private:
  Variable total_, count_;
};

/// The weighted sum of values.
class Sum : public Metric {
 public:
  struct Options {
    std::string name = "sum";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)};
    }
  };
  explicit Sum(std::string name = "sum");
  explicit Sum(const Options& options);
  void update_state(const Operand& values, const Tensor& sample_weight = {});
  Config get_config() const override;

 protected:
  void update(const Tensor& values, const Tensor& unused, const Tensor& sample_weight,
              const CallContext& context) const override;
  Tensor compute() const override;

 private:
  Variable total_;
};

/// A metric that is the mean of one function of both tensors.
template <class Function, bool kLargerIsBetter>
class FunctionMetric : public MeanMetricWrapper {
 public:
  struct Options {
    std::string name = Function::kName;
    std::string dtype = {};
    static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)};
    }
  };
  FunctionMetric() : FunctionMetric(Options{}) {}
  explicit FunctionMetric(const Options& options) : MeanMetricWrapper(Function{}, options.name, options.dtype) {
    set_larger_is_better(kLargerIsBetter);
  }
  Config get_config() const override { return name_and_dtype(); }
};
class Accuracy : public FunctionMetric<AccuracyFunction, true> {
 public:
  using FunctionMetric::FunctionMetric;
};
class CategoricalAccuracy : public FunctionMetric<CategoricalAccuracyFunction, true> {
 public:
  using FunctionMetric::FunctionMetric;
};
class SparseCategoricalAccuracy : public FunctionMetric<SparseCategoricalAccuracyFunction, true> {
 public:
  using FunctionMetric::FunctionMetric;
};
class MeanSquaredError : public FunctionMetric<losses::MeanSquaredErrorFunction, false> {
 public:
  using FunctionMetric::FunctionMetric;
};
class MeanAbsoluteError : public FunctionMetric<losses::MeanAbsoluteErrorFunction, false> {
 public:
  using FunctionMetric::FunctionMetric;
};

class BinaryAccuracy : public MeanMetricWrapper {
 public:
  struct Options {
    std::string name = "binary_accuracy";
    std::string dtype = {};
    double threshold = 0.5;  // in (0, 1)
    static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype),
                        field("threshold", &Options::threshold)};
    }
  };
  BinaryAccuracy();
  explicit BinaryAccuracy(const Options& options);
  Config get_config() const override;

 private:
  double threshold_;
};

/// Square root of the weighted mean of (y_true - y_pred)^2 over all elements.
class RootMeanSquaredError : public Metric {
 public:
  struct Options {
    std::string name = "root_mean_squared_error";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)};
    }
  };
  RootMeanSquaredError();
  explicit RootMeanSquaredError(const Options& options);
  Config get_config() const override;

 protected:
  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
              const CallContext& context) const override;
  Tensor compute() const override;

 private:
  Variable total_, count_;
};

}  // namespace metrics
}  // namespace kerata

#pragma GCC visibility pop
