// Every kernel that the tests on the emulated GPU used is compiled for compute capability 9.0, which needs NVRTC, but
// no GPU.
#include <cstdlib>

#include "cuda/driver/compiler.h"
#include "cuda/driver/library.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

namespace fs = std::filesystem;

TEST(CudaSources, CompileForAGpu) {
  if (!cuda::SharedLibrary({"libnvrtc.so.13", "libnvrtc.so.12"}).is_open()) GTEST_SKIP() << "There is no NVRTC here.";
  const char* folder = std::getenv("KERATA_EMULATED_SOURCES");
  ASSERT_TRUE(folder && fs::is_directory(folder)) << "Run by ctest, after the tests on the emulated GPU.";
  int count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    std::ifstream stream(entry.path());
    std::string first, option;
    std::getline(stream, first);
    const std::string source{std::istreambuf_iterator<char>(stream), {}};
    ASSERT_TRUE(first.starts_with("// options:")) << entry.path();
    std::istringstream words(first.substr(11));
    std::vector<std::string> options;
    while (words >> option) options.push_back(option);
    EXPECT_NO_THROW(EXPECT_FALSE(cuda::compile_source(source, options, 90).empty())) << entry.path();
    ++count;
  }
  std::cout << count << " kernels compiled\n";
  EXPECT_GT(count, 100);
}

TEST(CudaSources, AMistakeIsReported) {
  if (!cuda::SharedLibrary({"libnvrtc.so.13", "libnvrtc.so.12"}).is_open()) GTEST_SKIP() << "There is no NVRTC here.";
  EXPECT_ERROR_WITH(BackendError, cuda::compile_source("int no_semicolon", {}, 90),
                    "[CUDA] A kernel did not compile:\n");
}

}  // namespace
}  // namespace kerata
