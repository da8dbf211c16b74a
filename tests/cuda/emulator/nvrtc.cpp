// libnvrtc as the tests have it: compiles kernels for the CPU with the compiler that built the tests.
// KERATA_REAL_NVRTC, a path of NVIDIA's own: each kernel must compile with that, too, for the GPU that the options
// name.
#include <dlfcn.h>
#include <nvrtc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

struct _nvrtcProgram {
  std::string source, code, log;
};

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool has(const std::string& text, const char* word) { return text.find(word) != std::string::npos; }

// "KERATAEM", the length, a shared library.
std::string image_of(const std::string& library) {
  std::string image = "KERATAEM";
  const std::uint64_t length = library.size();
  image.append(reinterpret_cast<const char*>(&length), sizeof length);
  return image + library;
}

nvrtcResult compile(_nvrtcProgram& program, const std::string& flags) {
  char pattern[] = "/tmp/kerata-kernel-XXXXXX";
  if (!mkdtemp(pattern)) return NVRTC_ERROR_OUT_OF_MEMORY;
  const fs::path folder = pattern;
  const bool waits = has(program.source, "__sync") || has(program.source, "__shfl");
  std::ofstream(folder / "kernel.cpp") << "extern \"C\" { extern const int kerata_needs_barriers; const int "
                                       << "kerata_needs_barriers = " << waits << "; }\n"
                                       << program.source;
  const std::string command = std::string(KERATA_EMULATOR_CXX) + " -std=c++17 -O1 -w -shared -fPIC -fno-exceptions " +
                              flags + " -include " + KERATA_HOST_PRELUDE + " " + (folder / "kernel.cpp").string() +
                              " -o " + (folder / "kernel.so").string() + " -lm 2> " + (folder / "log").string();
  const int status = std::system(command.c_str());
  program.log = read(folder / "log");
  const bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (done) program.code = image_of(read(folder / "kernel.so"));
  fs::remove_all(folder);
  return done ? NVRTC_SUCCESS : NVRTC_ERROR_COMPILATION;
}

template <class F>
F* real_function(const char* name) {
  static void* library = dlopen(std::getenv("KERATA_REAL_NVRTC"), RTLD_NOW | RTLD_LOCAL);
  return library ? reinterpret_cast<F*>(dlsym(library, name)) : nullptr;
}

// NVIDIA's compiler on the same text, without keeping what it makes.
nvrtcResult compile_for_gpu(_nvrtcProgram& program, int count, const char* const* options) {
  if (!std::getenv("KERATA_REAL_NVRTC")) return NVRTC_SUCCESS;
  auto* create = real_function<decltype(nvrtcCreateProgram)>("nvrtcCreateProgram");
  if (!create) {
    program.log = "KERATA_REAL_NVRTC cannot be opened";
    return NVRTC_ERROR_COMPILATION;
  }
  nvrtcProgram real = nullptr;
  create(&real, program.source.c_str(), "kerata.cu", 0, nullptr, nullptr);
  const nvrtcResult result = real_function<decltype(nvrtcCompileProgram)>("nvrtcCompileProgram")(real, count, options);
  std::size_t size = 0;
  real_function<decltype(nvrtcGetProgramLogSize)>("nvrtcGetProgramLogSize")(real, &size);
  program.log.resize(size);
  real_function<decltype(nvrtcGetProgramLog)>("nvrtcGetProgramLog")(real, program.log.data());
  real_function<decltype(nvrtcDestroyProgram)>("nvrtcDestroyProgram")(&real);
  return result;
}

}  // namespace

extern "C" {

nvrtcResult nvrtcVersion(int* major, int* minor) {
  *major = 1;  // no real one: what is kept on disk must not be mixed up with a GPU's code
  *minor = 0;
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcCreateProgram(nvrtcProgram* program, const char* source, const char*, int, const char* const*,
                               const char* const*) {
  *program = new _nvrtcProgram{source, {}, {}};
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcDestroyProgram(nvrtcProgram* program) {
  delete *program;
  *program = nullptr;
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int count, const char* const* options) {
  std::string flags = "-ffp-contract=fast";
  for (int i = 0; i < count; ++i)
    if (std::strcmp(options[i], "-fmad=false") == 0) flags = "-ffp-contract=off";
  if (const nvrtcResult result = compile_for_gpu(*program, count, options); result != NVRTC_SUCCESS) return result;
  return compile(*program, flags);
}

nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, size_t* size) {
  *size = program->code.size();
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, char* code) {
  std::memcpy(code, program->code.data(), program->code.size());
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram program, size_t* size) {
  *size = program->log.size() + 1;
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetProgramLog(nvrtcProgram program, char* log) {
  std::memcpy(log, program->log.c_str(), program->log.size() + 1);
  return NVRTC_SUCCESS;
}
}
