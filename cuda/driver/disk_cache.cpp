#include "cuda/driver/disk_cache.h"

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/require.h"

namespace kerata::cuda {
namespace {

namespace fs = std::filesystem;

std::uint64_t fnv1a(const std::string& text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

fs::path folder() {
  if (const char* named = std::getenv("KERATA_CACHE_DIR"); named && *named) return named;
  if (const char* base = std::getenv("XDG_CACHE_HOME"); base && *base) return fs::path(base) / "kerata";
  if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / ".cache" / "kerata";
  return {};
}

fs::path file_of(const std::string& key) {
  const fs::path where = folder();
  if (where.empty()) return {};
  char name[32];
  std::snprintf(name, sizeof name, "%016llx.kernel", static_cast<unsigned long long>(fnv1a(key)));
  return where / name;
}

// Lengths and a checksum first, then the key and the code.
std::string header_of(const std::string& key, const std::string& code) {
  return join_text("kerata kernel 1\n", key.size(), '\n', code.size(), '\n', static_cast<std::int64_t>(fnv1a(code)),
                   '\n');
}

}  // namespace

std::string read_cached(const std::string& key) {
  std::ifstream stream(file_of(key), std::ios::binary);
  if (!stream) return {};
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t at = text.find('\n' + key);
  if (at == std::string::npos) return {};
  const std::string code = text.substr(at + 1 + key.size());
  return text == header_of(key, code) + key + code ? code : std::string();
}

void write_cached(const std::string& key, const std::string& code) {
  const fs::path file = file_of(key);
  if (file.empty()) return;
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  static std::atomic<int> count{0};  // two devices may take the same kernel at once
  const fs::path temporary = join_text(file.string(), '.', getpid(), '.', count++);
  {
    std::ofstream stream(temporary, std::ios::binary);
    stream << header_of(key, code) << key << code;
    if (!stream.flush()) {
      stream.close();
      fs::remove(temporary, ignored);
      return;
    }
  }
  fs::rename(temporary, file, ignored);
  if (ignored) fs::remove(temporary, ignored);
}

}  // namespace kerata::cuda
