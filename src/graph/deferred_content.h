// Variables that are made without a first value, because a file's values follow.
#pragma once

#include <cstdint>
#include <string>

#include "graph/node.h"

namespace kerata {

/// A variable whose content is not set.
Variable unset_variable(std::string name, Role role, const ValueType& type);

/// While one lives, the weights and slots made on its thread have no first value: running an initializer only to read a
/// file over its result would cost more than the reading. All of them must be set before anyone sees them. They may
/// take `limit` bytes together, so that a file of a few bytes cannot ask for any amount of memory.
class DeferredContent {
 public:
  /// `source` names the file in messages.
  DeferredContent(std::uint64_t limit, std::string source);
  ~DeferredContent();
  DeferredContent(const DeferredContent&) = delete;
  DeferredContent& operator=(const DeferredContent&) = delete;
  /// Of this thread, or null.
  static DeferredContent* current();
  /// Throws ValueError beyond the limit.
  Variable make(std::string name, Role role, const ValueType& type);

 private:
  std::uint64_t limit_, left_;
  std::string source_;
  DeferredContent* outer_;
};

}  // namespace kerata
