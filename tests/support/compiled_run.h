// CompiledRun: a function of tensors traced, compiled and run on concrete inputs, for comparison with eager code.
#pragma once

#include "compile/executable.h"
#include "graph/placement.h"

namespace kerata {

/// Moves what a program reads and writes to the device that it was compiled for: KERATA_DEVICE's, where nobody said.
inline void place_variables(const Executable& program) {
  for (const Variable& variable : program.variables()) move_variable(*variable.cell(), program.device());
}

/// Compiled once, for inputs of the shapes and dtypes of `like`; run as often as wanted.
class CompiledRun {
 public:
  using Body = Function<std::vector<Tensor>(const std::vector<Tensor>&, Scope&)>;
  CompiledRun(const std::vector<Tensor>& like, bool training, const Body& body) {
    std::vector<ValueType> types;
    for (const Tensor& x : like) types.push_back(type_of(x));
    executable_ = Executable::compile(trace(types, training, body));
    place_variables(*executable_);
  }

  std::vector<Tensor> operator()(const std::vector<Tensor>& inputs) {
    const Binding binding = workspace_.bind(executable_);
    for (std::size_t i = 0; i < inputs.size(); ++i) binding.set_input(i, output_of(inputs[i]).data());
    binding.run();
    std::vector<Tensor> results;
    for (std::size_t i = 0; i < executable_->num_outputs(); ++i) {
      const ValueType& type = executable_->output_type(i);
      results.push_back(
          Tensor::from_bytes(binding.output(i), static_cast<std::size_t>(type.shape.size()), type.dtype, type.shape));
    }
    return results;
  }
  const Executable& executable() const { return *executable_; }

 private:
  ExecutablePtr executable_;
  Workspace workspace_;
};

}  // namespace kerata
