// The built-in layers by class name, for configs.
#include "kerata/layers/layers.h"
#include "layers/layer_state.h"

namespace kerata {

void register_built_in_layers() {
  using namespace layers;
  register_layer<Activation>("Activation");
  register_layer<Add>("Add");
  register_layer<Average>("Average");
  register_layer<AveragePooling2D>("AveragePooling2D");
  register_layer<BatchNormalization>("BatchNormalization");
  register_layer<Concatenate>("Concatenate");
  register_layer<Conv2D>("Conv2D");
  register_layer<Dense>("Dense");
  register_layer<Dropout>("Dropout");
  register_layer<Embedding>("Embedding");
  register_layer<Flatten>("Flatten");
  register_layer<GlobalAveragePooling2D>("GlobalAveragePooling2D");
  register_layer<GlobalMaxPooling2D>("GlobalMaxPooling2D");
  register_layer<InputLayer>("InputLayer");
  register_layer<LSTM>("LSTM");
  register_layer<MaxPooling2D>("MaxPooling2D");
  register_layer<Maximum>("Maximum");
  register_layer<Minimum>("Minimum");
  register_layer<Multiply>("Multiply");
  register_layer<Normalization>("Normalization");
  register_layer<Reshape>("Reshape");
  register_layer<Subtract>("Subtract");
}

}  // namespace kerata
