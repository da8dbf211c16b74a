#include "kerata/utils/timestamp.h"

#include <ctime>

namespace kerata::utils {

std::string timestamp(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[256];
  return std::string(text, std::strftime(text, sizeof text, format, &local));
}

}  // namespace kerata::utils
