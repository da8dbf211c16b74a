#include "cuda/driver/driver.h"

#include "core/require.h"
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
    return "the NVIDIA driver does not start: " + text_of(functions, result);
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
  fail<BackendError>("CUDA", what, " failed on cuda:", device, ": ", text_of(driver(), result), '.');
}

}  // namespace kerata::cuda
