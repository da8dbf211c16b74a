#include "kerata/core/version.h"

namespace kerata {

const char* version() { return KERATA_VERSION; }

}  // namespace kerata
