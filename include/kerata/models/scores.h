// Scores: what evaluate() and train_on_batch() return.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)

namespace kerata {

/// The loss and the metrics, in the order of the list that Keras gives: loss, losses of the outputs, metrics. As there, a
/// metric that is also a weighted one ("accuracy", "weighted_accuracy") stands twice under its plain name.
class Scores {
 public:
  std::size_t size() const { return values_.size(); }
  /// Throw ValueError when there is no such figure, naming those there are.
  double operator[](std::size_t index) const;
  double operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
  double operator[](std::string_view name) const;
  double operator[](const char* name) const { return (*this)[std::string_view(name)]; }
  double loss() const { return (*this)[std::size_t{0}]; }
  /// The loss; a template, or scores["loss"] would be ambiguous.
  template <std::floating_point T>
  operator T() const {
    return static_cast<T>(loss());
  }
  /// auto [loss, accuracy] = model.evaluate(x, y).unpack<2>(); throws ValueError unless there are N.
  template <std::size_t N>
  std::array<double, N> unpack() const {
    check_count(N);
    std::array<double, N> result;
    for (std::size_t i = 0; i < N; ++i) result[i] = values_[i];
    return result;
  }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<double>& values() const { return values_; }

  // For the library's own code:
  Scores() = default;
  Scores(std::vector<std::string> names, std::vector<double> values)
      : names_(std::move(names)), values_(std::move(values)) {}

 private:
  void check_count(std::size_t count) const;
  std::vector<std::string> names_;
  std::vector<double> values_;
};

}  // namespace kerata

#pragma GCC visibility pop
