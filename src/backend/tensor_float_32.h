// Whether float32 products and convolutions may round their operands to TF32 (10 bits of mantissa) on a GPU.
#pragma once

namespace kerata {

bool tensor_float_32();
void set_tensor_float_32(bool allowed);

}  // namespace kerata
