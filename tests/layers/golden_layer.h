// One case of tests/golden/layers.json: a layer made from its config, with the weights and the call of the case.
#pragma once

#include "kerata/layers/layers.h"
#include "support/golden.h"

namespace kerata::test {

/// The arguments and results that Keras recorded for one layer.
class GoldenLayer {
 public:
  explicit GoldenLayer(const golden::Json& entry);

  /// A fresh layer with the case's weights, or adapted to its data.
  AnyLayer make() const;
  /// The inputs, each with the mask that travels on it.
  Tensors inputs() const;
  CallOptions call_options() const;
  std::vector<Tensor> tensors(const char* key) const;  // none when the case has no such key
  const golden::Json& operator[](const char* key) const { return entry_.at(key); }
  bool has(const char* key) const { return entry_.contains(key) && !entry_.at(key).is_null(); }
  Config config() const;

 private:
  const golden::Json& entry_;
};

/// Index and name of each case, for INSTANTIATE_TEST_SUITE_P.
std::vector<std::size_t> golden_layer_indices();
std::string golden_layer_name(std::size_t index);
const golden::Json& golden_layer_entry(std::size_t index);

}  // namespace kerata::test
