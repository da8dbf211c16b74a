#include "cuda/driver/cublaslt.h"

#include <map>
#include <mutex>

#include "cuda/driver/driver.h"
#include "cuda/driver/library.h"

namespace kerata::cuda {
namespace {

CublasLt load() {
  CublasLt made;
  const SharedLibrary library(toolkit_files("libcublasLt"));
  if (!library.is_open()) return made;
  made.is_there = true;
#define KERATA_FIND(name)                                                 \
  made.name = reinterpret_cast<decltype(made.name)>(library.find(#name)); \
  made.is_there = made.is_there && made.name;
  KERATA_CUBLASLT_FUNCTIONS(KERATA_FIND)
#undef KERATA_FIND
  return made;
}

}  // namespace

const CublasLt& cublaslt() {
  static const CublasLt functions = load();
  return functions;
}

cublasLtHandle_t cublaslt_handle(int device) {
  static std::mutex mutex;
  static std::map<int, cublasLtHandle_t> handles;
  if (!cublaslt().is_there) return nullptr;
  const std::lock_guard lock(mutex);
  const auto [place, added] = handles.emplace(device, nullptr);
  if (added && cublaslt().cublasLtCreate(&place->second) != CUBLAS_STATUS_SUCCESS) place->second = nullptr;
  return place->second;
}

}  // namespace kerata::cuda
