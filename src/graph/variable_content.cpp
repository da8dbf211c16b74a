#include "graph/variable_content.h"

#include "core/convert.h"
#include "graph/scope.h"

namespace kerata {

Tensor recorded_operand(const Tensor& x) {
  if (!tape_is_open() || !x.node()->is_variable) return x;
  const std::shared_ptr<VariableCell> cell = x.node()->variable.lock();
  if (!cell) return x;
  const std::lock_guard lock(cell->recorded_mutex);
  std::shared_ptr<Node> node = cell->recorded.lock();
  if (!node) {
    const NodeOutput& content = output_of(cell->tensor);
    node = on_buffer(content.type, content.buffer, content.offset).node_ptr();
    node->variable = cell;
    cell->recorded = node;
  }
  return Tensor(node);
}

void keep_recorded(VariableCell& cell) {
  const std::lock_guard lock(cell.recorded_mutex);
  const std::shared_ptr<Node> node = cell.recorded.lock();
  cell.recorded.reset();
  if (!node) return;
  NodeOutput& output = node->outputs[0];
  BufferPtr copy = allocate(bytes_of(output.type), output.device());
  copy_bytes(output.device(), copy->data(), output.device(), output.data(), bytes_of(output.type));
  output.buffer = std::move(copy);
  output.offset = 0;
}

namespace {

// By way of the CPU's memory, where the types are converted.
void overwrite_converted(const Tensor& value, const NodeOutput& target) {
  const NodeOutput& source = output_of(value);
  const Tensor converted = target.device().is_cpu() ? Tensor() : concrete(target.type);
  std::byte* data = converted.is_empty() ? target.data() : output_of(converted).data();
  convert(source.data(), source.type.dtype, data, target.type.dtype,
          static_cast<std::size_t>(target.type.shape.size()));
  if (!converted.is_empty()) copy_bytes(target.device(), target.data(), Device::cpu(), data, bytes_of(target.type));
}

}  // namespace

void overwrite(VariableCell& cell, const Tensor& value) {
  const NodeOutput &source = output_of(value), &target = output_of(cell.tensor);
  if (source.data() != target.data()) {
    keep_recorded(cell);
    if (source.type.dtype == target.type.dtype)
      copy_bytes(target.device(), target.data(), source.device(), source.data(), bytes_of(target.type));
    else
      overwrite_converted(on_host(value), target);
  }
  cell.version.fetch_add(1, std::memory_order_relaxed);
}

const Node* gradient_node(const Tensor& x) {
  const Node* node = x.node();
  if (node->is_variable) return node;
  const std::shared_ptr<VariableCell> cell = node->variable.lock();
  return cell ? cell->tensor.node() : node;
}

}  // namespace kerata
