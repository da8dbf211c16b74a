// ValidationFreq: what .validation_freq takes.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)

namespace kerata {

/// After which epochs fit() validates: 2 means after the second, the fourth and so on; {1, 5} after these, counted
/// from 1.
class ValidationFreq {
 public:
  ValidationFreq(int every = 1) : every_(every) {}
  ValidationFreq(std::initializer_list<int> epochs) : ValidationFreq(std::vector<int>(epochs)) {}
  ValidationFreq(std::vector<int> epochs) : is_list_(true), epochs_(std::move(epochs)) {}

  bool is_list() const { return is_list_; }
  int every() const { return every_; }  // unless it is a list
  const std::vector<int>& epochs() const { return epochs_; }
  /// epoch: counted from 0, as in callbacks.
  bool is_due(int epoch) const {
    if (!is_list_) return (epoch + 1) % every_ == 0;
    return std::find(epochs_.begin(), epochs_.end(), epoch + 1) != epochs_.end();
  }

 private:
  int every_ = 1;
  bool is_list_ = false;
  std::vector<int> epochs_;
};

}  // namespace kerata

#pragma GCC visibility pop
