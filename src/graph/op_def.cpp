#include "graph/op_def.h"

#include <cstring>

#include "core/convert.h"
#include "graph/scope.h"
#include "graph/variable_content.h"

namespace kerata {

std::string_view op_name(const OpDef& op) { return op.name; }

namespace {

[[noreturn]] void fail_bad_data(const OpDef& op, const KernelStatus& status) {
  fail<ValueError>(op.name, "Index ", status.value, " is out of range. Expected an index in [0, ", status.limit, ").");
}

// Sizes that only an input of a model will tell: nothing can run now.
bool has_open_sizes(const OpDef& op, std::span<const ValueType> results) {
  bool open = false;
  for (const ValueType& result : results)
    for (Dim size : result.shape) {
      require<ValueError>(size != -1, op.name, "Every size of the result must be known. Received ", result.shape,
                          ". Hint: x.shape()[0] of an input stands for its batch size.");
      open = open || size < 0;
    }
  return open;
}

bool must_record(const OpDef& op, const std::vector<Tensor>& inputs, std::span<const ValueType> results) {
  const Scope* scope = Scope::current();
  const bool tracing = scope && scope->mode() != Mode::eager;
  if (tracing && op.random) return true;
  for (const Tensor& x : inputs)
    if (x.is_symbolic() || (tracing && x.node()->is_variable)) return true;
  return has_open_sizes(op, results);
}

// An operand that nobody else holds and that the op may write its result over.
bool is_disposable(const OpDef& op, const Tensor& x, const ValueType& result) {
  if ((!op.elementwise && !op.in_place) || tape_is_open() || x.node_ptr().use_count() != 1) return false;
  const NodeOutput& output = output_of(x);
  return !x.node()->is_variable && x.node()->outputs.size() == 1 && output.buffer.use_count() == 1 &&
         output.type.dtype == result.dtype && output.type.shape.size() == result.shape.size();
}

BufferPtr result_buffer(const OpDef& op, const std::vector<Tensor>& inputs, const ValueType& type) {
  for (const Tensor& x : inputs)
    if (is_disposable(op, x, type) && output_of(x).offset == 0) return output_of(x).buffer;
  return allocate(bytes_of(type));
}

void run_kernel(const OpDef& op, const std::vector<Tensor>& inputs, std::span<const ValueType> in_types,
                std::span<const ValueType> out_types, const Attrs& attrs, Node& node) {
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const Tensor& x : inputs) in.push_back(output_of(x).data());
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    NodeOutput& output = node.outputs[i];
    output.buffer = result_buffer(op, inputs, output.type);
    out.push_back(output.data());
    if (op.updates_inputs) {
      convert(in[i], output.type.dtype, out[i], output.type.dtype, static_cast<std::size_t>(output.type.shape.size()));
      in[i] = out[i];
    }
  }
  const auto kernel = kernels().prepare(KernelRegistry::Target::cpu, {op, in_types, out_types, attrs});
  const BufferPtr workspace = kernel->workspace_bytes ? allocate(kernel->workspace_bytes) : nullptr;
  KernelStatus status;
  kernel->run({in.data(), out.data(), workspace ? workspace->data() : nullptr, &status});
  if (status.code != KernelStatus::ok) fail_bad_data(op, status);
}

// The same memory under another shape; a variable's is copied, since its content changes.
void make_view(const NodeOutput& from, bool of_variable, NodeOutput& to) {
  to.buffer = of_variable ? allocate(bytes_of(from.type)) : from.buffer;
  to.offset = of_variable ? 0 : from.offset;
  if (of_variable) std::memcpy(to.data(), from.data(), bytes_of(from.type));
}

}  // namespace

std::vector<Tensor> apply_all(const OpDef& op, std::vector<Tensor> inputs, Attrs attrs) {
  std::vector<ValueType> in_types;
  for (const Tensor& x : inputs) {
    require<StateError>(!x.is_empty(), op.name, "An input is empty: it was never given a value.");
    in_types.push_back(type_of(x));
  }
  const std::vector<ValueType> out_types = op.infer(in_types, attrs);
  auto node = std::make_shared<Node>();
  for (const ValueType& type : out_types) node->outputs.push_back({type});
  const bool record = must_record(op, inputs, out_types);
  if (!record) {
    for (Tensor& x : inputs) x = recorded_operand(x);
    if (op.is_view) {
      make_view(output_of(inputs[0]), !inputs[0].node()->variable.expired(), node->outputs[0]);
    } else {
      run_kernel(op, inputs, in_types, out_types, attrs, *node);
    }
  }
  if (record || tape_is_open()) {
    node->op = &op;
    node->inputs = std::move(inputs);
    node->attrs = std::move(attrs);
    if (const Scope* scope = Scope::current()) node->layer = scope->layer();
  }
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < out_types.size(); ++i) results.emplace_back(node, static_cast<int>(i));
  return results;
}

Tensor apply(const OpDef& op, std::vector<Tensor> inputs, Attrs attrs) {
  return apply_all(op, std::move(inputs), std::move(attrs))[0];
}

}  // namespace kerata
