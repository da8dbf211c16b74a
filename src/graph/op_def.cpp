#include "graph/op_def.h"

#include "graph/eager_kernels.h"
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

BufferPtr result_buffer(const OpDef& op, const std::vector<Tensor>& inputs, const ValueType& type, Device device) {
  for (const Tensor& x : inputs)
    if (is_disposable(op, x, type) && output_of(x).offset == 0 && output_of(x).device() == device)
      return output_of(x).buffer;
  return allocate(bytes_of(type), device);
}

// Where an op runs: on the GPU of its operands; those in the CPU's memory are copied there.
Device common_device(const OpDef& op, const std::vector<Tensor>& inputs) {
  Device device = Device::cpu();
  for (const Tensor& x : inputs) {
    const Device own = output_of(x).device();
    if (own.is_cpu()) continue;
    require<StateError>(device.is_cpu() || device == own, op.name, "The inputs lie on ", device, " and ", own,
                        ". Hint: move one of them with to().");
    device = own;
  }
  return device;
}

void run_on_device(Device device, const OpDef& op, const Kernel& kernel, KernelArgs args) {
  DeviceBackend& backend = *backend_of(device);
  const int index = device.index();
  args.queue = backend.main_queue(index);
  const BufferPtr workspace = kernel.workspace_bytes ? allocate(kernel.workspace_bytes, device) : nullptr;
  args.workspace = workspace ? workspace->data() : nullptr;
  KernelStatus status;
  const BufferPtr reported = kernel.reports ? allocate(sizeof status, device) : nullptr;
  if (reported) backend.fill_zero(index, reported->data(), sizeof status, args.queue);
  args.status = reported ? reinterpret_cast<KernelStatus*>(reported->data()) : nullptr;
  kernel.run(args);
  if (reported) copy_bytes(Device::cpu(), &status, device, reported->data(), sizeof status);
  if (status.code != KernelStatus::ok) fail_bad_data(op, status);
}

void run_kernel(const OpDef& op, const std::vector<Tensor>& inputs, std::span<const ValueType> in_types,
                std::span<const ValueType> out_types, const Attrs& attrs, Node& node) {
  const Device device = common_device(op, inputs);
  std::vector<const void*> in;
  std::vector<void*> out;
  std::vector<Tensor> moved;  // keeps copies until the kernel has been given its work
  for (const Tensor& x : inputs) {
    const bool follows = output_of(x).device() != device;
    if (follows) moved.push_back(x.to(device));
    in.push_back(output_of(follows ? moved.back() : x).data());
  }
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    NodeOutput& output = node.outputs[i];
    output.buffer = result_buffer(op, inputs, output.type, device);
    out.push_back(output.data());
    if (op.updates_inputs) {
      copy_bytes(device, out[i], device, in[i], bytes_of(output.type));
      in[i] = out[i];
    }
  }
  const auto kernel = eager_kernel({op, in_types, out_types, attrs, device});
  if (!device.is_cpu()) return run_on_device(device, op, *kernel, {in.data(), out.data(), nullptr, nullptr});
  const BufferPtr workspace = kernel->workspace_bytes ? allocate(kernel->workspace_bytes) : nullptr;
  KernelStatus status;
  kernel->run({in.data(), out.data(), workspace ? workspace->data() : nullptr, &status});
  if (status.code != KernelStatus::ok) fail_bad_data(op, status);
}

// The same memory under another shape; a variable's is copied, since its content changes.
void make_view(const NodeOutput& from, bool of_variable, NodeOutput& to) {
  to.buffer = of_variable ? allocate(bytes_of(from.type), from.device()) : from.buffer;
  to.offset = of_variable ? 0 : from.offset;
  if (of_variable) copy_bytes(from.device(), to.data(), from.device(), from.data(), bytes_of(from.type));
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
