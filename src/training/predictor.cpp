// Predictor: a forward pass bound to memory, for one batch size.
#include "kerata/models/predictor.h"

#include <cstring>

#include "core/convert.h"
#include "core/require.h"
#include "graph/variable_guard.h"
#include "training/arguments.h"
#include "training/forward.h"
#include "training/shuffle.h"

namespace kerata {

struct Predictor::Impl {
  ExecutablePtr executable;
  std::vector<Variable> variables;  // keeps them alive
  std::vector<VariableCell*> cells;
  std::vector<std::size_t> input_sizes, output_sizes;
  std::uint64_t key = 0;
  mutable std::atomic<std::uint64_t> step{0};
  mutable WorkspacePool pool;
};

namespace {

constexpr std::string_view kWhere = "Predictor";

void check_size(const char* what, std::size_t index, std::size_t expected, std::size_t received) {
  require<ValueError>(expected == received, kWhere, what, ' ', index, " has the wrong size. Expected ", expected,
                      " values (batch size times sample size), received ", received, '.');
}

void run(const Predictor::Impl& impl, std::span<const std::span<const float>> inputs,
         std::span<const std::span<float>> outputs) {
  require<ValueError>(inputs.size() == impl.input_sizes.size(), kWhere, "Expected ", impl.input_sizes.size(),
                      " inputs, received ", inputs.size(), '.');
  require<ValueError>(outputs.size() == impl.output_sizes.size(), kWhere, "Expected ", impl.output_sizes.size(),
                      " outputs, received ", outputs.size(), '.');
  for (std::size_t i = 0; i < inputs.size(); ++i) check_size("Input", i, impl.input_sizes[i], inputs[i].size());
  for (std::size_t i = 0; i < outputs.size(); ++i) check_size("Output", i, impl.output_sizes[i], outputs[i].size());
  const WriteGuard exclusive(impl.executable->written(), kWhere);  // none, but for states that it carries on
  const ReadGuard guard(impl.cells, kWhere);
  const WorkspacePool::Lease lease = impl.pool.borrow();
  const Binding binding = lease->bind(impl.executable);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const DType type = impl.executable->input_type(i).dtype;
    if (type == DType::float32)
      binding.set_input(i, inputs[i].data());
    else
      convert(inputs[i].data(), DType::float32, binding.input(i), type, inputs[i].size());
  }
  if (impl.executable->is_random())
    binding.set_random_state(impl.key, impl.step.fetch_add(1, std::memory_order_relaxed));
  binding.run();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const DType type = impl.executable->output_type(i).dtype;
    if (type == DType::float32)
      std::memcpy(outputs[i].data(), binding.output(i), outputs[i].size_bytes());
    else
      convert(binding.output(i), type, outputs[i].data(), DType::float32, outputs[i].size());
  }
}

}  // namespace

void Predictor::operator()(std::span<const float> input, std::span<float> output) const {
  run(*impl_, {&input, 1}, {&output, 1});
}

void Predictor::operator()(std::initializer_list<std::span<const float>> inputs,
                           std::initializer_list<std::span<float>> outputs) const {
  run(*impl_, {inputs.begin(), inputs.size()}, {outputs.begin(), outputs.size()});
}

Predictor Model::make_predictor(Dim batch_size) const {
  using namespace training;
  check_batch_size(batch_size, "Model.make_predictor");
  TrainerState& state = state_of(impl());
  const std::lock_guard tracing(state.tracing);
  require<StateError>(models::is_functional(impl()), "Model.make_predictor",
                      "The shape of the model's inputs is not known. Expected a functional "
                      "model or a built Sequential. Hint: give the first layer an Input().");
  std::vector<ValueType> types;
  for (const Tensor& input : models::inputs_of(impl())) {
    const Shape shape = input.shape().with(0, batch_size);
    require<ShapeError>(shape.is_known(), "Model.make_predictor",
                        "An input has an axis of unknown size: ", input.shape(), '.');
    types.push_back({input.dtype(), shape});
  }
  auto predictor = std::make_shared<Predictor::Impl>();
  predictor->executable = forward_program(state, impl(), types)->executable;
  predictor->variables = predictor->executable->variables();
  predictor->cells = cells_of(predictor->variables);
  for (std::size_t i = 0; i < types.size(); ++i)
    predictor->input_sizes.push_back(static_cast<std::size_t>(types[i].shape.size()));
  for (std::size_t i = 0; i < predictor->executable->num_outputs(); ++i)
    predictor->output_sizes.push_back(static_cast<std::size_t>(predictor->executable->output_type(i).shape.size()));
  if (predictor->executable->is_random()) predictor->key = draw_key();
  return Predictor(std::move(predictor));
}

}  // namespace kerata
