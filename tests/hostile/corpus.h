// The corpus of hostile files: an archive, unpacked where a test wants it, and the list of what is in it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/archive.h"

namespace kerata::test {

struct CorpusFile {
  std::string file, how, text;  // text: a piece of the message
};

/// A folder of its own with all files, and a pipe "canary.h5" in it: whoever opens that one waits for ever.
class Corpus {
 public:
  Corpus();
  std::vector<CorpusFile> list(const char* which) const;  // "valid" or "refused"
  std::string path(const std::string& file) const { return (folder_ / file).string(); }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  Folder outer_;
  std::filesystem::path folder_;
  nlohmann::json json_;
};

struct Outcome {
  int status = 0;  // exit status; 128 + the signal that ended it
  std::string message;
  double seconds = 0;  // of the processor: others may keep it busy
  long peak_mib = 0;
};
/// Becomes open_hostile in the corpus's folder, which says on `output` what came of it and ends after `limit` seconds.
[[noreturn]] void become_opener(const Corpus& corpus, const CorpusFile& file, unsigned limit, int output);
/// open_hostile in a process of its own, ended after `limit` seconds.
Outcome open_in_process(const Corpus& corpus, const CorpusFile& file, unsigned limit);

}  // namespace kerata::test
