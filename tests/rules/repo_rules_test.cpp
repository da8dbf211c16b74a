// The house rules that a machine can check: layers of folders, sizes, what headers may hold.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace kerata {
namespace {

namespace fs = std::filesystem;
const fs::path kRoot = KERATA_SOURCE_DIR;

struct SourceFile {
  std::string path;    // relative to the root
  std::string folder;  // of src or include/kerata; "" elsewhere
  std::vector<std::string> lines;
  bool is_header() const { return path.ends_with(".h"); }
  bool is_public() const { return path.starts_with("include/"); }
};

std::string folder_of(const fs::path& relative) {
  auto part = relative.begin();
  if (*part == "cuda") return "cuda";
  if (*part == "src") return relative.has_parent_path() ? std::next(part)->string() : "";
  if (*part == "include" && std::distance(part, relative.end()) > 3) return std::next(part, 2)->string();
  return "";
}

const std::vector<SourceFile>& sources() {
  static const std::vector<SourceFile> files = [] {
    std::vector<SourceFile> found;
    for (const char* top : {"include", "src", "cuda", "tests", "examples"}) {
      for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / top)) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".h" && extension != ".cpp" && extension != ".cuh") continue;
        if (entry.path().parent_path().filename() == "peers") continue;  // other frameworks' programs
        const fs::path relative = fs::relative(entry.path(), kRoot);
        SourceFile file{relative.string(), folder_of(relative), {}};
        std::ifstream stream(entry.path());
        for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
        found.push_back(std::move(file));
      }
    }
    return found;
  }();
  return files;
}

/// The folder's own includes and those of every lower level are allowed, siblings of one level only where named.
const std::map<std::string, int> kLevels = {
    {"core", 0},        {"backend", 1}, {"files", 1},   {"graph", 2},        {"ops", 3},         {"cpu", 4},
    {"cuda", 4},        {"compile", 4}, {"no_cuda", 4}, {"initializers", 5}, {"activations", 5}, {"regularizers", 5},
    {"constraints", 5}, {"losses", 5},  {"metrics", 5}, {"optimizers", 5},   {"utils", 5},       {"layers", 6},
    {"models", 7},      {"data", 7},    {"saving", 8},  {"plot", 8},         {"datasets", 9},    {"training", 9},
    {"testing", 10},    {"cli", 11}};
const std::set<std::pair<std::string, std::string>> kSiblings = {
    {"metrics", "losses"},  // a metric is often the mean of a loss
};
const std::set<std::pair<std::string, std::string>> kForbidden = {{"layers", "compile"}};

bool may_include(const std::string& from, const std::string& to) {
  if (from == to) return true;
  if (to == "cpu" || to == "cuda" || to == "no_cuda" || kForbidden.contains({from, to})) return false;
  return kLevels.at(to) < kLevels.at(from) || kSiblings.contains({from, to});
}

TEST(RepoRules, FoldersIncludeOnlyWhatStandsBelowThem) {
  const std::regex include(R"re(^\s*#\s*include\s+["<](?:kerata/)?([a-z_]+)/)re");
  for (const SourceFile& file : sources()) {
    if (file.folder.empty() || file.folder.ends_with(".h")) continue;
    ASSERT_TRUE(kLevels.contains(file.folder)) << file.path << ": give its folder a level";
    for (const std::string& line : file.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, include) || !kLevels.contains(match[1])) continue;
      EXPECT_TRUE(may_include(file.folder, match[1])) << file.path << " must not include " << line;
    }
  }
}

// One library runs with and without a GPU: only the back end, and its tests, know CUDA.
TEST(RepoRules, OnlyTheBackEndIncludesCudasHeaders) {
  const std::regex cuda(R"re(^\s*#\s*include\s+["<](cuda|cudnn|cublas|nvrtc|cub/|thrust/|nccl)[a-zA-Z_]*[^/]*\.h)re");
  for (const SourceFile& file : sources()) {
    if (file.folder == "cuda" || file.path.starts_with("tests/cuda/")) continue;
    for (const std::string& line : file.lines) EXPECT_FALSE(std::regex_search(line, cuda)) << file.path << ": " << line;
  }
}

TEST(RepoRules, FilesAreShort) {
  for (const SourceFile& file : sources()) {
    const bool is_test = file.path.ends_with("_test.cpp"), is_example = file.path.starts_with("examples/");
    const std::size_t limit = is_example ? 99 : is_test ? 400 : 500;
    EXPECT_LE(file.lines.size(), limit) << file.path;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      EXPECT_LE(file.lines[i].size(), 130u) << file.path << ":" << i + 1;  // bytes, for 120 characters
    }
  }
}

TEST(RepoRules, FunctionsAreShort) {
  const std::regex start(R"(^[A-Za-z_].*\{$)"),
      other(R"(^(namespace|class|struct|enum|extern|const|constexpr|static)\b)");
  for (const SourceFile& file : sources()) {
    std::size_t first = 0;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      if (std::regex_search(line, start) && !std::regex_search(line, other)) first = i + 1;
      if (line == "}" && first > 0) {
        EXPECT_LE(i + 2 - first, 60u) << file.path << ":" << first;
        first = 0;
      }
    }
  }
}

TEST(RepoRules, PublicHeadersAreLight) {
  const std::regex heavy(
      R"re(#\s*include\s+["<](Eigen/|dnnl|oneapi/|cblas|hdf5|H5|nlohmann/|cuda|cudnn|iostream|functional|sstream|regex))re");
  for (const SourceFile& file : sources()) {
    if (!file.is_public()) continue;
    for (const std::string& line : file.lines)
      EXPECT_FALSE(std::regex_search(line, heavy)) << file.path << ": " << line;
  }
}

TEST(RepoRules, HeadersHaveNoUsingNamespaceAndBeginWithPragmaOnce) {
  const std::regex using_namespace(R"(^\s*using\s+namespace\b)");
  for (const SourceFile& file : sources()) {
    if (!file.is_header()) continue;
    bool once = false;
    for (const std::string& line : file.lines) {
      EXPECT_FALSE(std::regex_search(line, using_namespace)) << file.path << ": " << line;
      once = once || line == "#pragma once";
    }
    EXPECT_TRUE(once) << file.path;
  }
}

TEST(RepoRules, PublicHeadersExportWhatTheyDeclare) {
  for (const SourceFile& file : sources()) {
    if (!file.is_public() || file.path == "include/kerata/kerata.h") continue;
    std::string order;
    for (const std::string& line : file.lines) {
      if (line.starts_with("#include")) order += 'i';
      if (line == "#pragma GCC visibility push(default)") order += '(';
      if (line.starts_with("namespace kerata")) order += 'n';
      if (line == "#pragma GCC visibility pop") order += ')';
    }
    EXPECT_TRUE(std::regex_match(order, std::regex(R"(i*(\(n+\))?)")))
        << file.path << ": push after the includes, pop at the end";
    EXPECT_TRUE(order.ends_with(')') || order.find('n') == std::string::npos) << file.path;
  }
}

TEST(RepoRules, BackEndsAreFoldersNotConditions) {
  const std::regex condition(R"(#\s*(if|ifdef|ifndef|elif).*(CUDA|DNNL|ONEDNN))"), macro(R"(^\s*#\s*define\b)");
  for (const SourceFile& file : sources()) {
    if (!file.path.starts_with("src/") && !file.is_public()) continue;
    for (const std::string& line : file.lines) {
      EXPECT_FALSE(std::regex_search(line, condition)) << file.path << ": " << line;
      EXPECT_FALSE(file.is_public() && std::regex_search(line, macro)) << file.path << ": " << line;
    }
  }
}

TEST(RepoRules, NothingIsLeftOpenInTheSources) {
  const std::regex open(R"(\b(TO)"
                        R"(DO|FIX)"
                        R"(ME|XX)"
                        R"(X|HA)"
                        R"(CK)\b)");
  for (const SourceFile& file : sources()) {
    for (const std::string& line : file.lines) EXPECT_FALSE(std::regex_search(line, open)) << file.path << ": " << line;
  }
}

/// Public headers that `header` reaches by its includes.
void collect(const std::string& header, const std::map<std::string, const SourceFile*>& files,
             std::set<std::string>& reached) {
  if (!reached.insert(header).second) return;
  const std::regex include(R"re(#\s*include\s+["<](kerata/[^">]+)[">])re");
  for (const std::string& line : files.at("include/" + header)->lines) {
    std::smatch match;
    if (std::regex_search(line, match, include)) collect(match[1], files, reached);
  }
}

TEST(RepoRules, TheUmbrellaHeaderHoldsEveryPublicHeader) {
  std::map<std::string, const SourceFile*> files;
  for (const SourceFile& file : sources()) files[file.path] = &file;
  std::set<std::string> reached;
  collect("kerata/kerata.h", files, reached);
  for (const SourceFile& file : sources()) {
    if (file.is_public()) {
      EXPECT_TRUE(reached.contains(file.path.substr(8))) << file.path;
    }
  }
}

TEST(RepoRules, EveryFolderOfTheSourcesIsDescribed) {
  std::ifstream stream(kRoot / "src/README.md");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  for (const fs::directory_entry& entry : fs::directory_iterator(kRoot / "src")) {
    if (!entry.is_directory() || fs::is_empty(entry.path())) continue;
    const std::string name = entry.path().filename().string();
    EXPECT_NE(text.find("`" + name + "`"), std::string::npos) << name << " has no paragraph in src/README.md";
  }
}

}  // namespace
}  // namespace kerata
