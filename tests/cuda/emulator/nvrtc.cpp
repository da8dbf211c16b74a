// libnvrtc as the tests have it: compiles kernels for the CPU with the compiler that built the tests.
#include <nvrtc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

struct _nvrtcProgram {
  std::string source, code, log;
  std::string own_options;  // those beside the target and the language
  bool to_ptx = false;
};

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool has(const std::string& text, const char* word) { return text.find(word) != std::string::npos; }

// What a GPU does not survive (a vector that is not aligned) or answers otherwise than this processor ends the test.
constexpr char kFlags[] =
    " -std=c++17 -O1 -w -shared -fPIC -fno-exceptions"
    " -fsanitize=alignment,bounds,integer-divide-by-zero,shift -fno-sanitize-recover=all"
#ifdef __clang__
    " -fsanitize-trap=all";  // its shared libraries have no sanitizer of their own
#else
    " -fno-gnu-unique";  // shared memory is one kernel's alone
#endif

// As a GPU, this one multiplies and adds in one instruction unless it is told not to.
const char* fma_flag() { return __builtin_cpu_supports("fma") ? " -mfma -fexpensive-optimizations" : ""; }

// "KERATA13", the length, a shared library, the text that it was made from (up to a 0).
std::string image_of(const std::string& library, const _nvrtcProgram& program) {
  std::string image = "KERATA" + std::to_string(KERATA_EMULATED_NVRTC);
  const std::uint64_t length = library.size();
  image.append(reinterpret_cast<const char*>(&length), sizeof length);
  return image + library + "// options:" + program.own_options + '\n' + program.source + '\0';
}

nvrtcResult compile(_nvrtcProgram& program, const std::string& flags) {
  std::string pattern = (fs::temp_directory_path() / "kerata-kernel-XXXXXX").string();
  if (!mkdtemp(pattern.data())) return NVRTC_ERROR_OUT_OF_MEMORY;
  const fs::path folder = pattern;
  const bool waits = has(program.source, "__sync") || has(program.source, "__shfl");
  std::ofstream(folder / "kernel.cpp") << "extern \"C\" { extern const int kerata_needs_barriers; const int "
                                       << "kerata_needs_barriers = " << waits << "; }\n"
                                       << program.source;
  const std::string command = std::string(KERATA_EMULATOR_CXX) + kFlags + " " + flags + " -include " +
                              KERATA_HOST_PRELUDE + " " + (folder / "kernel.cpp").string() + " -o " +
                              (folder / "kernel.so").string() + " -lm 2> " + (folder / "log").string();
  const int status = std::system(command.c_str());
  program.log = read(folder / "log");
  const bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (done) program.code = image_of(read(folder / "kernel.so"), program);
  fs::remove_all(folder);
  return done ? NVRTC_SUCCESS : NVRTC_ERROR_COMPILATION;
}

}  // namespace

extern "C" {

// No real minor version: what is kept on disk must not be mixed up with a GPU's code, nor with that of another prelude.
nvrtcResult nvrtcVersion(int* major, int* minor) {
  *major = KERATA_EMULATED_NVRTC;
  *minor = static_cast<int>(100 + std::hash<std::string>()(read(KERATA_HOST_PRELUDE) + fma_flag() + kFlags) % 10000007);
  return NVRTC_SUCCESS;
}

// Up to 9.0.
nvrtcResult nvrtcGetNumSupportedArchs(int* count) {
  *count = 3;
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcGetSupportedArchs(int* targets) {
  targets[0] = 80, targets[1] = 89, targets[2] = 90;
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcCreateProgram(nvrtcProgram* program, const char* source, const char*, int, const char* const*,
                               const char* const*) {
  *program = new _nvrtcProgram{source, {}, {}, {}, false};
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcDestroyProgram(nvrtcProgram* program) {
  delete *program;
  *program = nullptr;
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int count, const char* const* options) {
  std::string flags = "-ffp-contract=fast";
  flags += fma_flag();
  for (int i = 0; i < count; ++i) {
    const std::string option = options[i];
    if (option.starts_with("--gpu-architecture=compute_")) program->to_ptx = true;
    const bool known = option.ends_with("_80") || option.ends_with("_89") || option.ends_with("_90");
    if (option.starts_with("--gpu-architecture=") && !known) return NVRTC_ERROR_INVALID_OPTION;
    if (std::strcmp(options[i], "-fmad=false") == 0) flags += " -ffp-contract=off";
    if (options[i][0] == '-' && options[i][1] != '-') program->own_options += std::string(" ") + options[i];
  }
  return compile(*program, flags);
}

// Code for sm_90 only, PTX for compute_90 only, as the real one.
nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, size_t* size) {
  *size = program->to_ptx ? 0 : program->code.size();
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, char* code) {
  if (program->to_ptx) return NVRTC_ERROR_INVALID_INPUT;
  std::memcpy(code, program->code.data(), program->code.size());
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcGetPTXSize(nvrtcProgram program, size_t* size) {
  *size = program->code.size();
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcGetPTX(nvrtcProgram program, char* code) {
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
