// Golden values: reads the files that tests/golden/generate.py wrote, and compares tensors with them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kerata/core/config.h"
#include "kerata/core/error.h"
#include "kerata/graph/tensor.h"
#include "kerata/graph/tensors.h"

namespace kerata::golden {

using Json = nlohmann::ordered_json;

/// A golden file; arrays of the .npz beside it are read when asked for.
class File {
 public:
  explicit File(std::string stem);
  const Json& json() const { return json_; }
  const Json& operator[](const char* key) const { return json_.at(key); }
  /// {"dtype", "shape", "data"} or {"array", "dtype", "shape"} as a tensor of the named dtype; an empty tensor for
  /// null.
  Tensor tensor(const Json& value) const;
  /// A list of tensors; null ones are empty.
  std::vector<Tensor> tensors(const Json& list) const;
  /// One tensor, a list, or a map by name.
  Tensors nested(const Json& value) const;

 private:
  std::string stem_;
  Json json_;
  mutable std::map<std::string, Tensor> arrays_;
};

/// Opens `stem`.json (and `stem`.npz if there is one), each file once per process, and marks both as read.
const File& open(const std::string& stem);

/// The path of a golden file that is neither JSON nor npz; marks it as read.
std::string path_of(const std::string& file);

/// A JSON number, or "nan", "inf", "-inf".
double number(const Json& value);
std::vector<double> numbers(const Json& list);
/// null is an unknown size.
Shape shape(const Json& list);
Config config(const Json& value);

struct Tolerance {
  double rtol = 1e-5;
  double atol = 1e-6;
};
/// |actual - expected| <= atol + rtol * |expected| for each element, with equal shapes; the first difference is
/// printed with its index. NaN equals NaN.
::testing::AssertionResult near_all(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance = {});
::testing::AssertionResult near_all(const std::vector<double>& actual, const std::vector<double>& expected,
                                  const Tolerance& tolerance = {});
void expect_near_all(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance = {},
                     const std::string& what = {});
void expect_near_all(const std::vector<double>& actual, const std::vector<double>& expected,
                     const Tolerance& tolerance = {}, const std::string& what = {});

}  // namespace kerata::golden
