// One call of an LSTM while it is computed.
#pragma once

#include "kerata/layers/lstm.h"

namespace kerata::layers {

struct LSTMLayer::Run {
  Tensor x;                            // (batch, steps, inputs), in the order of processing
  Tensor mask;                         // bool (batch, steps), or empty
  Tensor h, c;                         // first states (batch, units)
  std::vector<Tensor> input_drop;      // factors on x (batch, 1, inputs): none, one, or one per gate
  std::vector<Tensor> recurrent_drop;  // factors on h (batch, units): none, or one per gate
  Tensors recurrent;                   // kernels on h: one, or one per gate where these have factors
  Tensor outputs;                      // (batch, steps, units)
  Tensor last_output, last_h, last_c;  // (batch, units)
};

}  // namespace kerata::layers
