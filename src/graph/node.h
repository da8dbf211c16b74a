// Node: one application of an op or of a layer, or a leaf (data, variable, input).
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "backend/buffer.h"
#include "graph/op_def.h"
#include "kerata/graph/composite.h"

namespace kerata {

/// One output of a node: its type, and its data once it has some.
struct NodeOutput {
  ValueType type;
  BufferPtr buffer = nullptr;  // null while symbolic
  std::size_t offset = 0;      // bytes into the buffer: cuts along axis 0 are views
  bool has_data() const { return buffer != nullptr; }
  std::byte* data() const { return buffer->data() + offset; }  // an address on device()
  Device device() const { return buffer ? buffer->device() : Device::cpu(); }
};

struct Node {
  Node();
  ~Node();  // iterative: chains of any length
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const OpDef* op = nullptr;                             // made by an op ...
  std::shared_ptr<const Composite> composite = nullptr;  // ... or by a layer or model call; both null: a leaf
  std::vector<Tensor> inputs;
  Attrs attrs;
  CallRecord call;
  std::vector<NodeOutput> outputs;
  std::weak_ptr<VariableCell> variable = {};      // whose content it is, or was when a tape recorded it
  bool is_variable = false;                       // the node of the variable itself
  bool is_input = false;                          // made by Input()
  std::string name = {};                          // of an Input
  std::shared_ptr<const std::string> layer = {};  // whose call made it, for messages and profiles
  std::uint64_t id;                               // grows with creation: a topological order
};

inline const NodeOutput& output_of(const Tensor& x) { return x.node()->outputs[static_cast<std::size_t>(x.index())]; }
inline const ValueType& type_of(const Tensor& x) { return output_of(x).type; }

/// The unknown batch size, the same for all inputs; other unknown sizes get an identity of their own (below it).
inline constexpr Dim kBatch = -2;
/// A symbolic leaf. Sizes of -1 get an identity: kBatch on axis 0, else a new one; other negative sizes are kept.
Tensor placeholder(const ValueType& type);
/// A concrete leaf on fresh memory.
Tensor concrete(const ValueType& type, Device device = Device::cpu());
/// The same values in the CPU's memory: x itself when they are there. What reads data by address asks for this first.
Tensor on_host(const Tensor& x);
/// A concrete leaf that shares memory.
Tensor on_buffer(const ValueType& type, BufferPtr buffer, std::size_t offset = 0);
/// Whether an op on x is recorded rather than only run: x is symbolic, a variable while tracing, or on a tape. What
/// shares memory instead of applying an op (views) must ask first.
bool is_recorded(const Tensor& x);
/// Writable data of a concrete tensor in the CPU's memory.
template <class T>
T* mutable_data(const Tensor& x) {
  return reinterpret_cast<T*>(output_of(x).data());
}
/// All nodes that `outputs` depend on, in creation order (inputs before users). Stops at nodes in `stop`.
std::vector<std::shared_ptr<Node>> reachable(std::span<const Tensor> outputs, std::span<const Tensor> stop = {});

/// The state behind a Variable.
struct VariableCell {
  std::string name;
  std::string path;
  Role role = Role::trainable;
  bool layer_trainable = true;
  bool autocast = false;                     // a layer of a mixed policy reads it in its compute dtype
  Tensor tensor;                             // its one node; assignment replaces the buffer's content
  std::atomic<int> readers{0};               // calls of other threads that read it (variable_guard.h)
  std::atomic<const void*> writer{nullptr};  // the thread that trains or assigns it, or null
  int write_guards = 0;                      // how many guards of that thread hold it; touched by that thread only
  std::atomic<std::uint64_t> version{0};     // grows with every write: derived copies are keyed by it
  std::mutex recorded_mutex;                 // guards `recorded`
  std::weak_ptr<Node> recorded;              // its content on tapes since the last write (variable_content.h)
};

}  // namespace kerata
