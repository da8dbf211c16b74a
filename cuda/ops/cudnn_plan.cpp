#include "cuda/ops/cudnn_plan.h"

#include <algorithm>
#include <utility>

#include "backend/determinism.h"
#include "backend/tensor_float_32.h"

namespace kerata::cuda {
namespace {

using Notes = std::vector<cudnnBackendNumericalNote_t>;

bool has(const Notes& notes, cudnnBackendNumericalNote_t note) {
  return std::find(notes.begin(), notes.end(), note) != notes.end();
}

// Float32 on tensor cores is TF32; inputs that are converted down are half types, which nobody asked for. Half types
// are added up in float32.
bool may_be_used(const Notes& notes, DType dtype) {
  if (deterministic_ops() && has(notes, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)) return false;
  if (dtype != DType::float32) return !has(notes, CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION);
  return !has(notes, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS) &&
         (tensor_float_32() || !has(notes, CUDNN_NUMERICAL_NOTE_TENSOR_CORE));
}

Notes notes_of(const CudnnDescriptor& engine) {
  Notes notes(CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
  const std::int64_t count = engine.get(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                        static_cast<std::int64_t>(notes.size()), notes.data());
  notes.resize(std::min(notes.size(), static_cast<std::size_t>(count)));
  return notes;
}

// Best first.
std::deque<CudnnDescriptor> configs_of(const CudnnGraph& graph, const CudnnTarget& target,
                                       cudnnBackendHeurMode_t mode) {
  CudnnDescriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph.operations());
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
  if (target.properties) heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.properties);
  std::deque<CudnnDescriptor> configs;
  if (!heuristics.finalize()) return configs;
  const std::int64_t count = heuristics.get(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, nullptr);
  std::vector<cudnnBackendDescriptor_t> handles;
  for (std::int64_t i = 0; i < count; ++i)
    handles.push_back(configs.emplace_back(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get());
  const std::int64_t filled =
      heuristics.get(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, handles.data());
  while (static_cast<std::int64_t>(configs.size()) > filled) configs.pop_back();
  return configs;
}

}  // namespace

std::size_t most_cudnn_workspace(const CudnnConvolution& convolution) {
  const WindowShape& s = convolution.shape;
  const Dim copied = s.in_pixels() * s.channels + s.out_pixels() * s.filters;
  return (std::size_t{256} << 20) + static_cast<std::size_t>(copied) * size_of(convolution.dtype);
}

CudnnPlan::CudnnPlan(std::unique_ptr<const CudnnGraph> graph, CudnnDescriptor config, CudnnDescriptor engine,
                     CudnnDescriptor plan, Notes notes, std::size_t workspace_bytes)
    : graph_(std::move(graph)),
      config_(std::move(config)),
      engine_(std::move(engine)),
      plan_(std::move(plan)),
      notes_(std::move(notes)),
      workspace_bytes_(workspace_bytes) {}

std::unique_ptr<const CudnnPlan> CudnnPlan::find(const CudnnConvolution& convolution, const CudnnTarget& target) {
  auto graph = std::make_unique<const CudnnGraph>(convolution, target);
  if (graph->status() != CUDNN_STATUS_SUCCESS) return nullptr;
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK})
    for (CudnnDescriptor& config : configs_of(*graph, target, mode)) {
      CudnnDescriptor engine(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
      cudnnBackendDescriptor_t handle = engine.get();
      if (config.get(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &handle) != 1) continue;
      Notes notes = notes_of(engine);
      if (!may_be_used(notes, convolution.dtype)) continue;
      CudnnDescriptor plan(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
      plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
      std::int64_t bytes = 0;
      if (!plan.finalize() || plan.get(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &bytes) != 1)
        continue;
      if (bytes < 0 || static_cast<std::size_t>(bytes) > most_cudnn_workspace(convolution)) continue;
      return std::make_unique<const CudnnPlan>(std::move(graph), std::move(config), std::move(engine), std::move(plan),
                                               std::move(notes), static_cast<std::size_t>(bytes));
    }
  return nullptr;
}

CudnnDescriptor CudnnMemory::pack() const {
  std::vector<std::int64_t> names{CudnnTensor::images, CudnnTensor::filters, CudnnTensor::results};
  std::vector<void*> pointers{images, filters, results};
  if (bias) {
    names.push_back(CudnnTensor::bias);
    pointers.push_back(bias);
  }
  CudnnDescriptor made(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  made.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, std::span(names));
  made.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, static_cast<std::int64_t>(pointers.size()),
           pointers.data());
  made.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
  made.finalize();
  return made;
}

void CudnnPlan::run(CudnnHandle& handle, const CudnnMemory& memory, cudaStream_t queue) const {
  const CudnnDescriptor pack = memory.pack();
  check(pack.status(), "A variant pack of cuDNN's");
  const std::lock_guard lock(handle.mutex);
  check(cudnn().cudnnSetStream(handle.handle, queue), "cudnnSetStream");
  check(cudnn().cudnnBackendExecute(handle.handle, plan_.get(), pack.get()), "cudnnBackendExecute");
}

}  // namespace kerata::cuda
