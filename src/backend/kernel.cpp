#include "backend/kernel.h"

#include <atomic>
#include <map>
#include <vector>

namespace kerata {

struct KernelRegistry::Table {
  std::map<std::pair<const OpDef*, Target>, std::vector<PrepareKernel>> lists;
  std::map<std::pair<const OpDef*, Target>, MeasureReserve> reserves;
  PrepareKernel fallback = nullptr;
};

namespace {

KernelRegistry::Target target_of(const KernelSpec& spec) {
  return spec.device.is_cpu() ? KernelRegistry::Target::cpu : KernelRegistry::Target::cuda;
}

}  // namespace

std::string_view op_name(const OpDef& op);  // graph/op_def.cpp: this level knows ops by address only

void KernelStatus::report(Code what, std::int64_t bad_value, std::int64_t allowed) {
  int expected = ok;
  if (!std::atomic_ref(code).compare_exchange_strong(expected, what)) return;
  value = bad_value;
  limit = allowed;
}

void KernelRegistry::add(Target target, const OpDef& op, PrepareKernel kernel) {
  if (!table_) table_ = std::make_shared<Table>();
  table_->lists[{&op, target}].push_back(kernel);
}

void KernelRegistry::set_fallback(PrepareKernel kernel) {
  if (!table_) table_ = std::make_shared<Table>();
  table_->fallback = kernel;
}

bool KernelRegistry::has(Target target, const OpDef& op) const {
  return table_ && table_->lists.contains({&op, target});
}

void KernelRegistry::set_reserve(Target target, const OpDef& op, MeasureReserve measure) {
  if (!table_) table_ = std::make_shared<Table>();
  table_->reserves[{&op, target}] = measure;
}

std::optional<std::size_t> KernelRegistry::reserve_bytes(const KernelSpec& spec) const {
  const auto found = table_->reserves.find({&spec.op, target_of(spec)});
  return found == table_->reserves.end() ? std::nullopt : found->second(spec);
}

std::unique_ptr<Kernel> KernelRegistry::prepare(const KernelSpec& spec) const {
  const Target target = target_of(spec);
  if (has(target, spec.op)) {
    const auto& list = table_->lists.at({&spec.op, target});
    for (auto prepare = list.rbegin(); prepare != list.rend(); ++prepare)
      if (auto kernel = (*prepare)(spec)) return kernel;
    if (table_->fallback)
      if (auto kernel = table_->fallback(spec)) return kernel;
  }
  const DType dtype = spec.in.empty() ? spec.out[0].dtype : spec.in[0].dtype;
  fail<BackendError>(op_name(spec.op), "No kernel on ", target == Target::cpu ? "cpu" : "cuda", " for ", dtype,
                     ". Hint: cast the inputs to float32.");
}

KernelRegistry& kernels() {
  static KernelRegistry registry = [] {
    KernelRegistry made;
    register_cpu_kernels(made);
    register_compile_kernels(made);
    register_cuda_kernels(made);
    return made;
  }();
  return registry;
}

}  // namespace kerata
