#include "graph/scope.h"

#include <algorithm>

#include "graph/variable_content.h"

namespace kerata {
namespace {

thread_local Scope* innermost = nullptr;

std::atomic<std::uint64_t> seed{0};
std::atomic<std::int64_t> eager_draws{0};

// Unknown sizes of the recorded inputs -> the sizes of this replay.
class ReplaySizes final : public DimResolver {
 public:
  void bind(const Shape& from, const Shape& to) {
    for (Dim axis = 0; axis < from.rank() && axis < to.rank(); ++axis)
      if (from[axis] < -1) sizes_.emplace(from[axis], to[axis]);
  }
  Dim resolve(Dim size) const override {
    const auto found = sizes_.find(size);
    return found == sizes_.end() ? size : found->second;
  }

 private:
  std::unordered_map<Dim, Dim> sizes_;
};

Tensor copy_of(const Tensor& x) {
  const NodeOutput& output = output_of(x);
  const Tensor copy = concrete(output.type, output.device());
  copy_bytes(output.device(), output_of(copy).data(), output.device(), output.data(), bytes_of(output.type));
  return copy;
}

}  // namespace

Scope::Scope(Mode mode, bool training) : mode_(mode), training_(training), outer_(innermost) { innermost = this; }
Scope::~Scope() { innermost = outer_; }
Scope* Scope::current() { return innermost; }

void Scope::update(const Variable& variable, const Tensor& value) {
  Tensor converted = value;
  if (value.dtype() != variable.dtype())
    converted = value.cast(variable.dtype());
  else if (mode_ == Mode::eager && value.node()->is_variable)  // which commit() may write before this one
    converted = tape_is_open() ? recorded_operand(value) : copy_of(value);
  const auto [slot, first] = values_.insert_or_assign(variable.cell(), converted);
  if (first) updated_.push_back(variable);
  static_cast<void>(slot);
}

Tensor Scope::read(const Variable& variable) const {
  const Tensor value = content(variable);
  const bool casts =
      autocast_ && variable.cell()->autocast && is_floating(value.dtype()) && value.dtype() != *autocast_;
  return casts ? value.cast(*autocast_) : value;
}

Tensor Scope::content(const Variable& variable) const {
  for (const Scope* scope = this; scope; scope = scope->outer_) {
    const auto found = scope->values_.find(variable.cell());
    if (found != scope->values_.end()) return found->second;
    if (mode_ == Mode::eager && scope->outer_ && scope->outer_->mode_ != Mode::eager) break;
  }
  return variable.cell()->tensor;
}

void Scope::commit() {
  // All values are computed before the first is written: one update may read another variable's old content.
  for (const Variable& variable : updated_) overwrite(*variable.cell(), values_.at(variable.cell()));
  updated_.clear();
  values_.clear();
}

std::vector<Tensor> replay(std::span<const Tensor> from, std::span<const Tensor> to, std::span<const Tensor> outputs) {
  std::unordered_map<const Node*, std::vector<Tensor>> values;
  ReplaySizes sizes;
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto& outputs_of_node = values[from[i].node()];
    outputs_of_node.resize(from[i].node()->outputs.size());
    outputs_of_node[static_cast<std::size_t>(from[i].index())] = to[i];
    sizes.bind(from[i].shape(), to[i].shape());
  }
  auto value_of = [&](const Tensor& x) {
    const auto found = values.find(x.node());
    return found == values.end() ? x : found->second[static_cast<std::size_t>(x.index())];
  };
  for (const auto& node : reachable(outputs, from)) {
    if (!node->op && !node->composite) {
      require<StateError>(node->outputs[0].has_data(), "Model", "Graph disconnected: an output depends on the input '",
                          node->name, "' of shape ", node->outputs[0].type.shape,
                          ", which is not among the model's inputs. Hint: add it to the inputs.");
      continue;
    }
    std::vector<Tensor> inputs;
    for (const Tensor& x : node->inputs) inputs.push_back(value_of(x));
    values[node.get()] = node->composite ? node->composite->expand(inputs, node->call)
                                         : apply_all(*node->op, std::move(inputs), node->attrs.resolved(sizes));
  }
  std::vector<Tensor> results;
  for (const Tensor& x : outputs) results.push_back(value_of(x));
  return results;
}

void set_global_seed(std::uint64_t value) {
  seed = value;
  eager_draws = 0;
}

std::uint64_t global_seed() { return seed; }

Tensor next_random_state() {
  const std::int64_t state[2] = {static_cast<std::int64_t>(seed.load()), eager_draws.fetch_add(1)};
  return Tensor::from_span<std::int64_t>(state, {2});
}

}  // namespace kerata
