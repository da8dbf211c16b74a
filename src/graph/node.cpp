#include "graph/node.h"

#include <algorithm>
#include <unordered_set>

#include "graph/scope.h"

namespace kerata {
namespace {

std::atomic<std::uint64_t> next_node{1};
std::atomic<Dim> next_unknown{kBatch - 1};

}  // namespace

Node::Node() : id(next_node.fetch_add(1, std::memory_order_relaxed)) {}

// Dropping the last reference to the end of a chain would recurse once per node; a list does it in a loop.
Node::~Node() {
  thread_local std::vector<std::shared_ptr<Node>>* pending = nullptr;
  std::vector<std::shared_ptr<Node>> own;
  std::vector<std::shared_ptr<Node>>& list = pending ? *pending : own;
  for (const Tensor& x : inputs)
    if (!x.is_empty()) list.push_back(x.node_ptr());
  inputs.clear();
  if (pending) return;
  pending = &own;
  while (!own.empty()) {
    const std::shared_ptr<Node> node = std::move(own.back());
    own.pop_back();
  }
  pending = nullptr;
}

Tensor placeholder(const ValueType& type) {
  auto node = std::make_shared<Node>();
  Shape shape = type.shape;
  for (Dim axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] == -1) shape = shape.with(axis, axis == 0 ? kBatch : next_unknown.fetch_sub(1));
  node->outputs.push_back({{type.dtype, shape}});
  return Tensor(std::move(node));
}

Tensor concrete(const ValueType& type, Device device) { return on_buffer(type, allocate(bytes_of(type), device)); }

Tensor on_host(const Tensor& x) {
  const NodeOutput& output = output_of(x);
  if (output.device().is_cpu()) return x;
  const Tensor copy = concrete(output.type);
  copy_bytes(Device::cpu(), output_of(copy).data(), output.device(), output.data(), bytes_of(output.type));
  return copy;
}

Tensor on_buffer(const ValueType& type, BufferPtr buffer, std::size_t offset) {
  auto node = std::make_shared<Node>();
  node->outputs.push_back({type, std::move(buffer), offset});
  return Tensor(std::move(node));
}

bool is_recorded(const Tensor& x) {
  if (x.is_symbolic() || tape_is_open()) return true;
  const Scope* scope = Scope::current();
  return scope && scope->mode() != Mode::eager && x.node()->is_variable;
}

std::vector<std::shared_ptr<Node>> reachable(std::span<const Tensor> outputs, std::span<const Tensor> stop) {
  std::unordered_set<const Node*> seen;
  for (const Tensor& x : stop) seen.insert(x.node());
  std::vector<std::shared_ptr<Node>> found, open;
  auto visit = [&](const Tensor& x) {
    if (!x.is_empty() && seen.insert(x.node()).second) open.push_back(x.node_ptr());
  };
  for (const Tensor& x : outputs) visit(x);
  while (!open.empty()) {
    const std::shared_ptr<Node> node = std::move(open.back());
    open.pop_back();
    found.push_back(node);
    for (const Tensor& x : node->inputs) visit(x);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a->id < b->id; });
  return found;
}

}  // namespace kerata
