#include "cuda/driver/driver.h"

#include "core/require.h"
#include "cuda/driver/call_log.h"
#include "cuda/driver/library.h"

namespace kerata::cuda {
namespace {

constexpr int kNeededVersion = 12000;  // of the driver; the toolkit's minor versions are compatible

std::string text_of(const Driver& functions, CUresult result) {
  const char *text = nullptr, *name = nullptr;
  if (functions.cuGetErrorString) functions.cuGetErrorString(result, &text);
  if (functions.cuGetErrorName) functions.cuGetErrorName(result, &name);
  return join_text(text ? text : "unknown error", " (", name ? name : std::to_string(result), ')');
}

// What to do, for errors whose cause lies outside of the call.
std::string_view advice(CUresult result) {
  switch (result) {
    case CUDA_ERROR_OUT_OF_MEMORY:
      return " Hint: a smaller batch_size, or end other programs that use this GPU.";
    case CUDA_ERROR_DEVICE_UNAVAILABLE:
      return " Hint: another program has this GPU for itself; take another one, or the CPU.";
    case CUDA_ERROR_NO_BINARY_FOR_GPU:
    case CUDA_ERROR_INVALID_PTX:
    case CUDA_ERROR_UNSUPPORTED_PTX_VERSION:
      return " Hint: install a newer driver, or the NVRTC of the driver's version of CUDA.";
    case CUDA_ERROR_SYSTEM_DRIVER_MISMATCH:
      return " Hint: the driver was updated while it ran; restart the machine.";
    case CUDA_ERROR_SYSTEM_NOT_READY:
      return " Hint: the services that belong to the driver (nvidia-fabricmanager) do not run.";
    case CUDA_ERROR_ECC_UNCORRECTABLE:
      return " Hint: the GPU's memory is faulty; start the program anew on another GPU.";
    case CUDA_ERROR_LAUNCH_TIMEOUT:
      return " Hint: a GPU that drives a display ends kernels that take seconds: a smaller batch_size, or another GPU.";
    case CUDA_ERROR_ILLEGAL_ADDRESS:
    case CUDA_ERROR_MISALIGNED_ADDRESS:
    case CUDA_ERROR_INVALID_ADDRESS_SPACE:
    case CUDA_ERROR_INVALID_PC:
    case CUDA_ERROR_ILLEGAL_INSTRUCTION:
    case CUDA_ERROR_LAUNCH_FAILED:
      return " Hint: this GPU takes no more work of this program: start it anew. This is a bug in Kerata; please "
             "report it.";
    default:
      return {};
  }
}

std::string version_text(int version) { return join_text(version / 1000, '.', version % 1000 / 10); }

std::string find_functions(Driver& functions, const SharedLibrary& library) {
#define KERATA_TEXT_OF(name) #name
#define KERATA_FIND(name)                                                                          \
  functions.name = reinterpret_cast<decltype(functions.name)>(library.find(KERATA_TEXT_OF(name))); \
  if (!functions.name) return "the NVIDIA driver has no " KERATA_TEXT_OF(name) " (install a newer driver)";
  KERATA_DRIVER_FUNCTIONS(KERATA_FIND)
#undef KERATA_FIND
#undef KERATA_TEXT_OF
  return {};
}

std::string start(const Driver& functions) {
  if (const CUresult result = functions.cuInit(0); result != CUDA_SUCCESS)
    return join_text("the NVIDIA driver does not start: ", text_of(functions, result),
                     advice(result).empty() ? "" : ".", advice(result));
  int version = 0, count = 0;
  functions.cuDriverGetVersion(&version);
  if (version < kNeededVersion)
    return join_text("the NVIDIA driver is for CUDA ", version_text(version), "; ", version_text(kNeededVersion),
                     " or newer is needed (install a newer driver)");
  if (const CUresult result = functions.cuDeviceGetCount(&count); result != CUDA_SUCCESS)
    return "the NVIDIA driver cannot count its devices: " + text_of(functions, result);
  return count > 0 ? std::string() : "the NVIDIA driver finds no GPU";
}

Driver load() {
  Driver made;
  const SharedLibrary library({"libcuda.so.1"});
  if (!library.is_open()) {
    made.problem = "no NVIDIA driver was found (" + library.error() + ")";
    return made;
  }
  made.problem = find_functions(made, library);
  if (made.problem.empty()) made.problem = start(made);
  if (made.problem.empty()) log_calls(made);
  return made;
}

}  // namespace

const Driver& driver() {
  static const Driver& functions = *new Driver(load());  // never destroyed, as Context
  return functions;
}

std::vector<std::string> toolkit_files(std::string_view name) {
  int version = 13000;  // without a driver, in tests, any will do
  if (driver().problem.empty()) driver().cuDriverGetVersion(&version);
  std::vector<std::string> files;
  for (const int major : {13, 12})
    if (version >= 1000 * major) files.push_back(join_text(name, ".so.", major));
  return files;
}

void check(CUresult result, std::string_view what, int device) {
  if (result == CUDA_SUCCESS) [[likely]]
    return;
  fail<BackendError>("CUDA", what, " failed on cuda:", device, ": ", text_of(driver(), result), '.', advice(result));
}

}  // namespace kerata::cuda
