#include "graph/deferred_content.h"

#include "core/require.h"

namespace kerata {
namespace {
thread_local DeferredContent* innermost = nullptr;
}

Variable unset_variable(std::string name, Role role, const ValueType& type) {
  auto cell = std::make_shared<VariableCell>();
  cell->path = name;
  cell->name = std::move(name);
  cell->role = role;
  cell->tensor = concrete(type);
  cell->tensor.node()->is_variable = true;
  cell->tensor.node()->variable = cell;
  return Variable(std::move(cell));
}

DeferredContent::DeferredContent(std::uint64_t limit, std::string source)
    : limit_(limit), left_(limit), source_(std::move(source)), outer_(innermost) {
  innermost = this;
}
DeferredContent::~DeferredContent() { innermost = outer_; }
DeferredContent* DeferredContent::current() { return innermost; }

Variable DeferredContent::make(std::string name, Role role, const ValueType& type) {
  const std::uint64_t count = static_cast<std::uint64_t>(type.shape.size());
  require<ValueError>(count <= left_ / size_of(type.dtype), "load_model", "The model in '", source_,
                      "' would need more memory than the file "
                      "accounts for: '",
                      name, "' of shape ", type.shape, " goes beyond ", limit_,
                      " bytes for all weights. The file is damaged or was made to do harm.");
  left_ -= count * size_of(type.dtype);
  return unset_variable(std::move(name), role, type);
}

}  // namespace kerata
