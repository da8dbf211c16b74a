// Tensors: one tensor, a list, or a list by name.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "kerata/graph/variable.h"

#pragma GCC visibility push(default)

namespace kerata {

/// One tensor, a list {a, b}, or a list by name {{"title", t}, {"body", b}}.
class Tensors {
 public:
  using Named = std::pair<std::string, Tensor>;
  Tensors() = default;
  Tensors(const Tensor& one) : list_{one} {}
  Tensors(const Variable& one) : list_{Tensor(one)} {}
  Tensors(std::initializer_list<Tensor> list) : list_(list) {}
  Tensors(std::initializer_list<Named> by_name) : Tensors(std::vector<Named>(by_name)) {}
  Tensors(std::vector<Tensor> list) : list_(std::move(list)) {}
  Tensors(std::vector<Named> by_name);
  Tensors(const std::vector<Variable>& list);
  /// Keeps `x = {}` unambiguous.
  Tensors& operator=(std::initializer_list<Tensor> list) { return *this = Tensors(list); }

  std::size_t size() const { return list_.size(); }
  bool empty() const { return list_.empty(); }
  /// Throws ValueError when there is no such tensor.
  Tensor operator[](std::size_t index) const;
  Tensor operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
  Tensor operator[](std::string_view name) const;
  Tensor operator[](const char* name) const { return (*this)[std::string_view(name)]; }
  /// Throws ValueError unless there is exactly one.
  Tensor single() const;
  /// auto [a, b] = xs.unpack<2>(); throws ValueError unless there are N.
  template <std::size_t N>
  std::array<Tensor, N> unpack() const {
    check_count(N);
    std::array<Tensor, N> result;
    for (std::size_t i = 0; i < N; ++i) result[i] = list_[i];
    return result;
  }
  void push_back(const Tensor& x);
  const Tensor* begin() const { return list_.data(); }
  const Tensor* end() const { return list_.data() + list_.size(); }
  const std::vector<Tensor>& list() const { return list_; }
  const std::vector<std::string>& names() const { return names_; }  // empty unless given by name

 private:
  void check_count(std::size_t count) const;
  std::vector<Tensor> list_;
  std::vector<std::string> names_;
};

}  // namespace kerata

#pragma GCC visibility pop
