// The built-in layers by class name, for configs.
#include "kerata/layers/layers.h"
#include "layers/registry.h"

namespace kerata {
namespace {

/// `names`: the class name first, then those of older versions.
template <class Ref>
ClassFamily<LayerBase>::Class built_in(std::vector<std::string_view> names) {
  return {std::move(names), typeid(typename Ref::Implementation),
          [](const Config& config, std::string_view) { return Ref::from_config(config); }};
}

}  // namespace

std::vector<ClassFamily<LayerBase>::Class> built_in_layers() {
  using namespace layers;
  return {built_in<Activation>({"Activation"}),
          built_in<Add>({"Add"}),
          built_in<Average>({"Average"}),
          built_in<AveragePooling2D>({"AveragePooling2D"}),
          built_in<BatchNormalization>({"BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2"}),
          built_in<Concatenate>({"Concatenate"}),
          built_in<Conv2D>({"Conv2D"}),
          built_in<Dense>({"Dense"}),
          built_in<Dropout>({"Dropout"}),
          built_in<Embedding>({"Embedding"}),
          built_in<Flatten>({"Flatten"}),
          built_in<GlobalAveragePooling2D>({"GlobalAveragePooling2D"}),
          built_in<GlobalMaxPooling2D>({"GlobalMaxPooling2D"}),
          built_in<InputLayer>({"InputLayer"}),
          built_in<LSTM>({"LSTM"}),
          built_in<MaxPooling2D>({"MaxPooling2D"}),
          built_in<Maximum>({"Maximum"}),
          built_in<Minimum>({"Minimum"}),
          built_in<Multiply>({"Multiply"}),
          built_in<Normalization>({"Normalization"}),
          built_in<Reshape>({"Reshape"}),
          built_in<Subtract>({"Subtract"})};
}

}  // namespace kerata
