#include "graph/variable_content.h"

#include <cstring>

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
  BufferPtr copy = allocate(bytes_of(output.type));
  std::memcpy(copy->data(), output.data(), bytes_of(output.type));
  output.buffer = std::move(copy);
  output.offset = 0;
}

void overwrite(VariableCell& cell, const Tensor& value) {
  const NodeOutput &source = output_of(value), &target = output_of(cell.tensor);
  if (source.data() != target.data()) {
    keep_recorded(cell);
    convert(source.data(), source.type.dtype, target.data(), target.type.dtype,
            static_cast<std::size_t>(target.type.shape.size()));
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
