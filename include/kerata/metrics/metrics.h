// The metrics; names and defaults are Keras's.
#pragma once

#include "kerata/core/fields.h"
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
  Config to_config() const override;

 protected:
  void update(const Tensor& values, const Tensor& unused, const Tensor& sample_weight,
              const CallContext& context) const override;
  Tensor compute() const override;

 private:
  Options options_;
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
  Config to_config() const override;

 protected:
  void update(const Tensor& values, const Tensor& unused, const Tensor& sample_weight,
              const CallContext& context) const override;
  Tensor compute() const override;

 private:
  Options options_;
  Variable total_;
};

class Accuracy : public MeanMetricWrapper {
 public:
  struct Options {
    std::string name = "accuracy";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)};
    }
  };
  Accuracy();
  explicit Accuracy(const Options& options);
  Config to_config() const override;

 private:
  Options options_;
};

class BinaryAccuracy : public MeanMetricWrapper {
 public:
  struct Options {
    std::string name = "binary_accuracy";
    std::string dtype = {};
    double threshold = 0.5;  // in (0, 1)
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype),
                        field("threshold", &Options::threshold)};
    }
  };
  BinaryAccuracy();
  explicit BinaryAccuracy(const Options& options);
  Config to_config() const override;

 private:
  Options options_;
};

class CategoricalAccuracy : public MeanMetricWrapper {
 public:
  struct Options {
    std::string name = "categorical_accuracy";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)};
    }
  };
  CategoricalAccuracy();
  explicit CategoricalAccuracy(const Options& options);
  Config to_config() const override;

 private:
  Options options_;
};

class SparseCategoricalAccuracy : public MeanMetricWrapper {
 public:
  struct Options {
    std::string name = "sparse_categorical_accuracy";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)};
    }
  };
  SparseCategoricalAccuracy();
  explicit SparseCategoricalAccuracy(const Options& options);
  Config to_config() const override;

 private:
  Options options_;
};

class MeanSquaredError : public MeanMetricWrapper {
 public:
  struct Options {
    std::string name = "mean_squared_error";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)};
    }
  };
  MeanSquaredError();
  explicit MeanSquaredError(const Options& options);
  Config to_config() const override;

 private:
  Options options_;
};

class MeanAbsoluteError : public MeanMetricWrapper {
 public:
  struct Options {
    std::string name = "mean_absolute_error";
    std::string dtype = {};
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("dtype", &Options::dtype)};
    }
  };
  MeanAbsoluteError();
  explicit MeanAbsoluteError(const Options& options);
  Config to_config() const override;

 private:
  Options options_;
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
  Config to_config() const override;

 protected:
  void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight,
              const CallContext& context) const override;
  Tensor compute() const override;

 private:
  Options options_;
  Variable total_, count_;
};

}  // namespace metrics
}  // namespace kerata

#pragma GCC visibility pop
