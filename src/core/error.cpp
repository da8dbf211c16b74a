#include "kerata/core/error.h"

#include <utility>

namespace kerata {

Error::Error(std::string text) : text_(std::move(text)) {}
Error::~Error() = default;
ShapeError::~ShapeError() = default;
ValueError::~ValueError() = default;
StateError::~StateError() = default;
BackendError::~BackendError() = default;

void Error::add_context(const std::string& line) { text_ += "\n  " + line; }

}  // namespace kerata
