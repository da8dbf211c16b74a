// What was asked of the driver: the log of its calls (KERATA_CUDA_LOG), to which the emulated cuDNN and cuBLASLt add
// "library" for what they are given.
#pragma once

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace kerata {

class DriverLog {
 public:
  static bool is_there() { return std::getenv("KERATA_CUDA_LOG") != nullptr; }
  /// The calls since the last look: "instantiate", "graph", "launch", "library", "upload", "download", "alloc", "wait".
  /// Nothing without a log.
  std::vector<std::string> calls() {
    std::vector<std::string> found;
    if (!is_there()) return found;
    std::ifstream log(std::getenv("KERATA_CUDA_LOG"));
    log.seekg(read_);
    for (std::string line; std::getline(log, line); read_ += static_cast<std::streamoff>(line.size()) + 1)
      found.push_back(line.substr(0, line.find(' ')));
    return found;
  }
  /// How often each was made.
  std::map<std::string, int> since_last() {
    std::map<std::string, int> counts;
    for (const std::string& call : calls()) ++counts[call];
    return counts;
  }

 private:
  std::streamoff read_ = 0;
};

}  // namespace kerata
