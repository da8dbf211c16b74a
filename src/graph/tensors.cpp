#include "kerata/graph/tensors.h"

#include "core/near_name.h"
#include "core/require.h"

namespace kerata {

Tensors::Tensors(std::vector<Named> by_name) {
  for (auto& [name, tensor] : by_name) {
    list_.push_back(std::move(tensor));
    names_.push_back(std::move(name));
  }
}

Tensors::Tensors(const std::vector<Variable>& list) {
  for (const Variable& variable : list) list_.push_back(variable);
}

Tensor Tensors::operator[](std::size_t index) const {
  require<ValueError>(index < list_.size(), "Tensors", "There is no tensor ", index, ": the list has ", list_.size(),
                      '.');
  return list_[index];
}

Tensor Tensors::operator[](std::string_view name) const {
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (names_[i] == name) return list_[i];
  require<ValueError>(!names_.empty(), "Tensors", "There is no tensor \"", name, "\": the list has no names.");
  const std::vector<std::string_view> known(names_.begin(), names_.end());
  fail<ValueError>("Tensors", "There is no tensor \"", name, "\".", name_hint(name, known));
}

Tensor Tensors::single() const {
  require<ValueError>(list_.size() == 1, "Tensors.single", "Expected one tensor, received ", list_.size(),
                      ". Hint: unpack<N>(), or call_all and predict_all for several outputs.");
  return list_[0];
}

void Tensors::push_back(const Tensor& x) {
  require<ValueError>(names_.empty(), "Tensors.push_back", "A list by name takes no tensor without a name.");
  list_.push_back(x);
}

void Tensors::check_count(std::size_t count) const {
  require<ValueError>(list_.size() == count, "Tensors.unpack", "Expected ", count, " tensors, received ", list_.size(),
                      '.');
}

}  // namespace kerata
