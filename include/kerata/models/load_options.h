// LoadOptions: how a model is read from a file or a JSON text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kerata/core/function.h"
#include "kerata/graph/tensor.h"

#pragma GCC visibility push(default)

namespace kerata {

/// What stands for a Lambda layer of Python.
using LambdaFunction = Function<Tensor(const Tensor& x)>;

/// Arguments of load_model and model_from_json.
struct LoadOptions {
  bool compile = true;  // with the optimizer, loss and metrics that the file holds
  /// The code of a Lambda layer is never run: give a function for each by the layer's name,
  /// .lambdas = {{"scale", [](const Tensor& x) { return x * 2; }}}.
  std::vector<std::pair<std::string, LambdaFunction>> lambdas = {};
};

}  // namespace kerata

#pragma GCC visibility pop
