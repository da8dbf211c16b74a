// Predictor: a compiled forward pass for one batch size.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>

#pragma GCC visibility push(default)

namespace kerata {

/// Made by Model::make_predictor. Float32 in and out, row-major; allocates nothing after the first call of a thread,
/// and any number of threads may call one at once. Later changes of the model's weights are seen. Copies share their
/// memory. The states of a stateful LSTM are the model's: each call begins with them and leaves the new ones, so such
/// a model runs in one thread at a time (a second one gets a StateError).
class Predictor {
 public:
  /// Of a model with one input and one output. Throws ValueError when a size is not (batch * sample size).
  void operator()(std::span<const float> input, std::span<float> output) const;
  void operator()(std::initializer_list<std::span<const float>> inputs,
                  std::initializer_list<std::span<float>> outputs) const;

  // For the library's own code:
  struct Impl;
  explicit Predictor(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace kerata

#pragma GCC visibility pop
