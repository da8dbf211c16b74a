// Metrics: what .metrics takes.
#pragma once

#include "kerata/metrics/metric.h"

#pragma GCC visibility push(default)

namespace kerata {

/// The metrics of one output.
class MetricList {
 public:
  MetricList() = default;
  template <class M>
  requires std::convertible_to<M&&, AnyMetric> MetricList(M&& one)
      : list_{AnyMetric(std::forward<M>(one))}, form_(Form::single) {}
  MetricList(std::initializer_list<AnyMetric> list) : list_(list), form_(Form::list) {}
  MetricList(std::vector<AnyMetric> list) : list_(std::move(list)), form_(Form::list) {}
  std::size_t size() const { return list_.size(); }
  const std::vector<AnyMetric>& list() const { return list_; }
  bool is_none() const { return form_ == Form::none; }      // not given: {}
  bool is_single() const { return form_ == Form::single; }  // given without braces

 private:
  enum class Form { none, single, list };
  std::vector<AnyMetric> list_;
  Form form_ = Form::none;
};

/// "mse", {"mse", AUC()}, {{"out", "mse"}, {"aux", {"mse", "mae"}}}, or per_output({...}).
class Metrics {
 public:
  Metrics() = default;
  template <class M>
  requires std::convertible_to<M&&, AnyMetric> Metrics(M&& one) : lists_{MetricList(std::forward<M>(one))} {}
  Metrics(std::initializer_list<AnyMetric> list) : lists_{MetricList(list)} {}
  Metrics(std::initializer_list<std::pair<std::string, MetricList>> by_name) {
    for (const auto& [name, list] : by_name) names_.push_back(name), lists_.push_back(list);
  }
  /// One list per output, in output order (of outputs given by name: in the order of the sorted names, as in Keras).
  static Metrics per_output(std::vector<MetricList> lists) {
    Metrics metrics;
    metrics.lists_ = std::move(lists);
    metrics.is_per_output_ = true;
    return metrics;
  }
  /// The same list for all outputs (as many metrics as outputs: one each).
  static Metrics for_all(MetricList list) {
    Metrics metrics;
    metrics.lists_.push_back(std::move(list));
    return metrics;
  }
  /// A list for each of these outputs.
  static Metrics by_name(const std::vector<std::pair<std::string, MetricList>>& lists) {
    Metrics metrics;
    for (const auto& [name, list] : lists) metrics.names_.push_back(name), metrics.lists_.push_back(list);
    return metrics;
  }
  bool empty() const { return lists_.empty(); }
  bool is_per_output() const { return is_per_output_; }
  const std::vector<MetricList>& lists() const { return lists_; }
  const std::vector<std::string>& names() const { return names_; }  // empty unless given by name

 private:
  std::vector<MetricList> lists_;
  std::vector<std::string> names_;
  bool is_per_output_ = false;
};

}  // namespace kerata

#pragma GCC visibility pop
