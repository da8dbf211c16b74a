#include "core/warning.h"

#include <cstdio>

namespace kerata {

void print_warning(std::string_view text) {
  std::fprintf(stderr, "Warning: %.*s\n", static_cast<int>(text.size()), text.data());
}

}  // namespace kerata
