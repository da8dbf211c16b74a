#include "cuda/runtime/modules.h"

#include <chrono>
#include <map>
#include <mutex>

#include "core/require.h"
#include "cuda/driver/compiler.h"
#include "cuda/runtime/compile_threads.h"
#include "cuda/runtime/context.h"
#include "cuda/runtime/kernel_texts.h"

namespace kerata::cuda {
namespace {

struct Module {
  std::shared_future<CUmodule> loaded;
  std::map<std::string, KernelFunction> functions;
};
struct Modules {
  std::mutex mutex;
  std::map<std::pair<int, std::string>, Module> by_source;  // device, text and options
};
Modules& modules() {
  static Modules all;
  return all;
}

CUmodule load(int device, const KernelSource& source) {
  const Context& context = context_of(device);
  context.enter();
  const std::string code =
      compile_source(source.before + kernel_text("prelude.cuh") + source.text, source.options, context.capability);
  CUmodule module = nullptr;
  check(retried(context, [&] { return driver().cuModuleLoadData(&module, code.data()); }), "cuModuleLoadData", device);
  return module;
}

// Its module was given to the threads before it, so the wait ends.
CUfunction find(int device, const std::shared_future<CUmodule>& module, const std::string& name) {
  const CUmodule loaded = module.get();
  context_of(device).enter();
  CUfunction function = nullptr;
  check(driver().cuModuleGetFunction(&function, loaded, name.c_str()), "cuModuleGetFunction", device);
  return function;
}

template <class T>
bool has_failed(const std::shared_future<T>& future) {
  if (!future.valid() || future.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
  try {
    static_cast<void>(future.get());
    return false;
  } catch (const Error&) {
    return true;
  }
}

}  // namespace

CUfunction KernelFunction::get() const {
  if (!function_.valid()) return nullptr;
  function_.wait();
  return (has_failed(function_) ? function_of(device_, *source_).function_ : function_).get();
}

KernelFunction function_of(int device, const KernelSource& source) {
  context_of(device);  // made by the caller's thread, which gets what is wrong with the device
  std::string key = source.before + source.text;
  for (const std::string& option : source.options) key += '\n' + option;
  Modules& all = modules();
  const std::lock_guard lock(all.mutex);
  Module& module = all.by_source[{device, std::move(key)}];
  if (has_failed(module.loaded)) module = {};
  if (!module.loaded.valid()) module.loaded = beside<CUmodule>([device, source] { return load(device, source); });
  KernelFunction& function = module.functions[source.name];
  if (!function) {
    auto found =
        beside<CUfunction>([device, loaded = module.loaded, name = source.name] { return find(device, loaded, name); });
    function = KernelFunction(device, std::make_shared<KernelSource>(source), std::move(found));
  }
  return function;
}

std::string kernel_entry(const std::string& name, const std::string& parameters, const std::string& function,
                         const std::string& arguments) {
  return join_text("KERATA_KERNEL(", name, ", ", parameters, ") { ", function, '<', arguments, ">(p); }\n");
}

std::string kernel_text(const std::string& file) {
  for (const KernelText& text : kKernelTexts)
    if (file == text.file) return text.text;
  fail<BackendError>("CUDA", "The library holds no kernels ", file, '.');
}

}  // namespace kerata::cuda
