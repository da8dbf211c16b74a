// libcudnn as the tests have it: keeps descriptors, refuses what the real one refuses, and executes what they say. It
// is there only with KERATA_EMULATED_CUDNN=1. Its heuristics advise the engines of kEngines, unless
// KERATA_EMULATED_CUDNN_REFUSES says for what there are none: "all", "advised" (mode A), "fused" (graphs of several
// operations) or "plans" (every engine is advised, none can be prepared). "runs": plans are made, but not executed.
// Its LSTM is in cudnn_rnn.cpp.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <mutex>

#include "cuda/emulator/cudnn_descriptors.h"
#include "cuda/emulator/cudnn_handle.h"

namespace kerata::emulator {

bool refuses(const char* what) {
  const char* said = std::getenv("KERATA_EMULATED_CUDNN_REFUSES");
  return said && std::strcmp(said, what) == 0;
}

}  // namespace kerata::emulator

namespace {

using namespace kerata::emulator;

struct Engine {
  std::vector<cudnnBackendNumericalNote_t> notes;
  std::int64_t workspace_bytes;
  bool can_be_prepared = true;
};
const Engine kEngines[] = {
    {{CUDNN_NUMERICAL_NOTE_TENSOR_CORE, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS,
      CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION},
     0},
    {{CUDNN_NUMERICAL_NOTE_TENSOR_CORE}, 131},
    {{CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC}, 0},
    {{}, std::int64_t{1} << 40},
    {{}, 0, false},
    {{}, 1000},
    {{CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP}, 0},  // the fallback's
};
constexpr std::size_t kFallback = 6;

std::mutex mutex;

bool has(const Engine& engine, cudnnBackendNumericalNote_t note) {
  return std::find(engine.notes.begin(), engine.notes.end(), note) != engine.notes.end();
}

cudnnStatus_t advise(Descriptor& heuristics) {
  if (!heuristics.has({CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_ATTR_ENGINEHEUR_MODE}))
    return CUDNN_STATUS_BAD_PARAM;
  heuristics.operations = heuristics.other(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH).operations;
  const bool falls_back =
      heuristics.one<cudnnBackendHeurMode_t>(CUDNN_ATTR_ENGINEHEUR_MODE) == CUDNN_HEUR_MODE_FALLBACK;
  if (refuses("all") || (refuses("advised") && !falls_back) || (refuses("fused") && heuristics.operations.size() > 1))
    return CUDNN_STATUS_NOT_SUPPORTED;
  for (std::size_t i = falls_back ? kFallback : 0; i < (falls_back ? kFallback + 1 : kFallback); ++i)
    heuristics.engines.push_back(i);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t plan(Descriptor& made) {
  if (!made.has({CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG})) return CUDNN_STATUS_BAD_PARAM;
  const Descriptor& config = made.other(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG);
  made.engine = config.engine;
  made.operations = config.operations;
  return refuses("plans") || !kEngines[made.engine].can_be_prepared ? CUDNN_STATUS_NOT_SUPPORTED : CUDNN_STATUS_SUCCESS;
}

template <class T>
cudnnStatus_t give(const std::vector<T>& values, std::int64_t most, std::int64_t* count, void* to) {
  if (count) *count = static_cast<std::int64_t>(values.size());
  const std::size_t copied = std::min(values.size(), static_cast<std::size_t>(most));
  if (copied) std::memcpy(to, values.data(), copied * sizeof(T));
  return CUDNN_STATUS_SUCCESS;
}
void describe(void* handle, cudnnBackendDescriptorType_t type, std::size_t engine, const Descriptor& from) {
  Descriptor& to = descriptor_of(handle);
  demand(to.type == type && !to.is_final, "a descriptor of another type is to be filled");
  to.engine = engine;
  to.operations = from.operations;
  to.is_final = true;
}

bool is_aligned(const void* memory, std::int64_t bytes) {
  return reinterpret_cast<std::uintptr_t>(memory) % static_cast<std::uintptr_t>(bytes) == 0;
}

// The pack names each tensor in memory once, and nothing else.
void bind(PlanWork& work, const Descriptor& pack) {
  const auto names = pack.all<std::int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
  const auto pointers = pack.all<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
  for (std::size_t i = 0; i < names.size(); ++i)
    demand(work.memory.emplace(names[i], pointers[i]).second, "a tensor is named twice");
  std::map<std::int64_t, TensorInfo> tensors;
  for (const OperationInfo& o : work.operations) {
    tensors[o.x.id] = o.x, tensors[o.y.id] = o.y;
    if (o.has_b()) tensors[o.b.id] = o.b;
  }
  std::erase_if(tensors, [](const auto& item) { return item.second.is_virtual; });
  demand(tensors.size() == work.memory.size(), "the tensors of a pack are not those of its plan");
  for (const auto& [id, tensor] : tensors) {
    demand(work.memory.contains(id) && work.memory.at(id), "a tensor has no memory");
    demand(is_aligned(work.memory.at(id), tensor.alignment), "memory is not aligned as was promised");
  }
  work.workspace = pack.one<void*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE);
  demand(work.workspace_bytes == 0 || (work.workspace && is_aligned(work.workspace, 16)), "there is no workspace");
}

}  // namespace

extern "C" {

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  const char* there = std::getenv("KERATA_EMULATED_CUDNN");
  if (!there || std::strcmp(there, "1") != 0) return CUDNN_STATUS_NOT_INITIALIZED;
  *handle = new cudnnContext;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}
const char* cudnnGetErrorString(cudnnStatus_t status) {
  return status == CUDNN_STATUS_SUCCESS ? "CUDNN_STATUS_SUCCESS" : "CUDNN_STATUS_OF_THE_EMULATOR";
}
void cudnnGetLastErrorString(char* message, size_t size) {
  std::strncpy(message, "a reason of the emulator's", size);
  message[size - 1] = 0;
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t* made) {
  const std::lock_guard lock(mutex);
  *made = make_descriptor(type);
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor) {
  const std::lock_guard lock(mutex);
  destroy_descriptor(descriptor);
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t count, const void* values) {
  const std::lock_guard lock(mutex);
  return set_attribute(descriptor_of(descriptor), name, type, count, values);
}
cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor) {
  const std::lock_guard lock(mutex);
  Descriptor& what = descriptor_of(descriptor);
  if (what.is_final) return CUDNN_STATUS_BAD_PARAM;
  const cudnnStatus_t status = what.type == CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR       ? advise(what)
                               : what.type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR ? plan(what)
                                                                                      : understand(what);
  what.is_final = status == CUDNN_STATUS_SUCCESS;
  return status;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t const descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t most, int64_t* count, void* values) {
  const std::lock_guard lock(mutex);
  const Descriptor& from = descriptor_of(descriptor);
  if (!from.is_final) return CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED;
  auto is_asked = [&](int which, cudnnBackendDescriptorType_t of, cudnnBackendAttributeType_t as) {
    return name == which && from.type == of && type == as;
  };
  if (is_asked(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR)) {
    *count = static_cast<int64_t>(from.engines.size());
    for (std::size_t i = 0; i < std::min(from.engines.size(), static_cast<std::size_t>(most)); ++i)
      describe(static_cast<void**>(values)[i], CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, from.engines[i], from);
    return CUDNN_STATUS_SUCCESS;
  }
  if (is_asked(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR)) {
    *count = 1;
    if (most == 1) describe(*static_cast<void**>(values), CUDNN_BACKEND_ENGINE_DESCRIPTOR, from.engine, from);
    return CUDNN_STATUS_SUCCESS;
  }
  if (is_asked(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, CUDNN_TYPE_NUMERICAL_NOTE))
    return give(kEngines[from.engine].notes, most, count, values);
  if (is_asked(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, CUDNN_TYPE_INT64))
    return give(std::vector{kEngines[from.engine].workspace_bytes}, most, count, values);
  return CUDNN_STATUS_NOT_SUPPORTED;
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack) {
  const std::lock_guard lock(mutex);
  const Descriptor &from = descriptor_of(plan), &with = descriptor_of(pack);
  if (!from.is_final || !with.is_final) return CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED;
  if (refuses("runs")) return CUDNN_STATUS_EXECUTION_FAILED;
  // Kept: a recorded graph runs it again and again.
  static auto* kept = new std::deque<PlanWork>;
  PlanWork& work = kept->emplace_back();
  work.operations = from.operations;
  work.workspace_bytes = kEngines[from.engine].workspace_bytes;
  const bool is_float = from.operations[0].x.type == CUDNN_DATA_FLOAT;
  const Engine& engine = kEngines[from.engine];
  work.rounding = has(engine, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS)       ? Rounding::half
                  : is_float && has(engine, CUDNN_NUMERICAL_NOTE_TENSOR_CORE) ? Rounding::tf32
                                                                              : Rounding::none;
  bind(work, with);
  kerata_emulator_give(
      reinterpret_cast<CUstream>(handle->stream), [](void* data) { compute(*static_cast<const PlanWork*>(data)); },
      &work);
  return CUDNN_STATUS_SUCCESS;
}
}
