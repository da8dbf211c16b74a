// Whether results must not depend on the number of threads (utils::enable_op_determinism).
#pragma once

namespace kerata {

bool deterministic_ops();
void set_deterministic_ops(bool deterministic);

}  // namespace kerata
