// History: what fit() returns.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)

namespace kerata {

/// The figures of each epoch.
class History {
 public:
  std::map<std::string, std::vector<double>> history;  // "loss", "val_loss", ...: one value per epoch
  std::vector<int> epoch;
  std::map<std::string, double> params;  // verbose, epochs, steps
  /// Throws ValueError for an unknown name, naming those there are.
  const std::vector<double>& operator[](std::string_view name) const&;
  std::vector<double> operator[](std::string_view name) &&;  // by value: nothing refers into a temporary
};

}  // namespace kerata

#pragma GCC visibility pop
