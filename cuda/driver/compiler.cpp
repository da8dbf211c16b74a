#include "cuda/driver/compiler.h"

#include <nvrtc.h>

#include <algorithm>

#include "core/require.h"
#include "cuda/driver/disk_cache.h"
#include "cuda/driver/driver.h"
#include "cuda/driver/library.h"

namespace kerata::cuda {
namespace {

struct Nvrtc {
  decltype(&::nvrtcVersion) version = nullptr;
  decltype(&::nvrtcGetNumSupportedArchs) num_targets = nullptr;
  decltype(&::nvrtcGetSupportedArchs) targets = nullptr;
  decltype(&::nvrtcCreateProgram) create = nullptr;
  decltype(&::nvrtcCompileProgram) compile = nullptr;
  decltype(&::nvrtcGetCUBINSize) size = nullptr;
  decltype(&::nvrtcGetCUBIN) code = nullptr;
  decltype(&::nvrtcGetPTXSize) text_size = nullptr;
  decltype(&::nvrtcGetPTX) text = nullptr;
  decltype(&::nvrtcGetProgramLogSize) log_size = nullptr;
  decltype(&::nvrtcGetProgramLog) log = nullptr;
  decltype(&::nvrtcDestroyProgram) destroy = nullptr;
};

template <class F>
void find(const SharedLibrary& library, F& function, const char* name) {
  function = reinterpret_cast<F>(library.find(name));
  require<BackendError>(function != nullptr, "CUDA", library.path(), " has no ", name,
                        ". Hint: install NVRTC of CUDA 12 or 13.");
}

Nvrtc load() {
  const std::vector<std::string> files = toolkit_files("libnvrtc");
  const SharedLibrary library(files);
  require<BackendError>(library.is_open(), "CUDA", "NVRTC, which compiles kernels, was not found (", library.error(),
                        "). Hint: install libnvrtc of CUDA 12", files.size() > 1 ? " or 13" : ", as the driver is",
                        ", or name its folder in KERATA_CUDA_LIBRARIES.");
  Nvrtc made;
  find(library, made.version, "nvrtcVersion");
  find(library, made.num_targets, "nvrtcGetNumSupportedArchs");
  find(library, made.targets, "nvrtcGetSupportedArchs");
  find(library, made.create, "nvrtcCreateProgram");
  find(library, made.compile, "nvrtcCompileProgram");
  find(library, made.size, "nvrtcGetCUBINSize");
  find(library, made.code, "nvrtcGetCUBIN");
  find(library, made.text_size, "nvrtcGetPTXSize");
  find(library, made.text, "nvrtcGetPTX");
  find(library, made.log_size, "nvrtcGetProgramLogSize");
  find(library, made.log, "nvrtcGetProgramLog");
  find(library, made.destroy, "nvrtcDestroyProgram");
  return made;
}

const Nvrtc& nvrtc() {
  static const Nvrtc functions = load();
  return functions;
}

class Program {
 public:
  explicit Program(const std::string& source) {
    const nvrtcResult result = nvrtc().create(&program_, source.c_str(), "kerata.cu", 0, nullptr, nullptr);
    require<BackendError>(result == NVRTC_SUCCESS, "CUDA", "NVRTC takes no program (error ", static_cast<int>(result),
                          ").");
  }
  ~Program() { nvrtc().destroy(&program_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::string compile(const std::vector<std::string>& options, bool to_ptx) {
    std::vector<const char*> words;
    for (const std::string& option : options) words.push_back(option.c_str());
    const nvrtcResult result = nvrtc().compile(program_, static_cast<int>(words.size()), words.data());
    require<BackendError>(result == NVRTC_SUCCESS, "CUDA", "A kernel did not compile:\n", log());
    std::size_t size = 0;
    (to_ptx ? nvrtc().text_size : nvrtc().size)(program_, &size);
    std::string code(size, '\0');
    (to_ptx ? nvrtc().text : nvrtc().code)(program_, code.data());
    return code;
  }

 private:
  std::string log() const {
    std::size_t size = 0;
    nvrtc().log_size(program_, &size);
    std::string text(size, '\0');
    nvrtc().log(program_, text.data());
    while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.pop_back();
    return text;
  }
  nvrtcProgram program_ = nullptr;
};

// The newest architecture that this NVRTC knows, up to that of the GPU.
int newest_known(int capability) {
  int count = 0;
  nvrtc().num_targets(&count);
  std::vector<int> targets(static_cast<std::size_t>(count));
  if (count > 0) nvrtc().targets(targets.data());
  int newest = 0;
  for (const int target : targets)
    if (target <= capability) newest = std::max(newest, target);
  require<BackendError>(newest > 0, "CUDA", "This NVRTC has no architecture for compute capability ", capability / 10,
                        '.', capability % 10, ". Hint: install the NVRTC of another version of CUDA.");
  return newest;
}

}  // namespace

std::string compile_source(const std::string& source, const std::vector<std::string>& options, int capability) {
  const int known = newest_known(capability);
  const bool to_ptx = known != capability;
  std::vector<std::string> all{join_text("--gpu-architecture=", to_ptx ? "compute_" : "sm_", known), "--std=c++17",
                               "--device-as-default-execution-space",
                               "--diag-suppress=177"};  // functions of the texts that this kernel does not call
  all.insert(all.end(), options.begin(), options.end());
  std::string key = join_text("nvrtc ", compiler_version());
  for (const std::string& option : all) key += ' ' + option;
  key += '\n' + source;
  if (std::string kept = read_cached(key); !kept.empty()) return kept;
  std::string code = Program(source).compile(all, to_ptx);
  write_cached(key, code);
  return code;
}

int compiler_version() {
  int major = 0, minor = 0;
  nvrtc().version(&major, &minor);
  return 1000 * major + 10 * minor;
}

}  // namespace kerata::cuda
