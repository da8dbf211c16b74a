#include "kerata/utils/tensor_float_32.h"

#include "backend/tensor_float_32.h"

namespace kerata::utils {

void enable_tensor_float_32_execution(bool enabled) { set_tensor_float_32(enabled); }
bool tensor_float_32_execution_enabled() { return tensor_float_32(); }

}  // namespace kerata::utils
