// The corpus was made by the scripts that lie here, from the golden models that lie in their archive now.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/archive.h"
#include "support/golden.h"
#include "support/sha256.h"

namespace kerata::test {
namespace {

namespace fs = std::filesystem;
const fs::path kHere = KERATA_HOSTILE_DIR;
constexpr const char* kAgain = " was changed: run tests/hostile/make_corpus.py";

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

TEST(HostileCorpus, ComesFromTheGoldenModelsAndScriptsThatAreHere) {
  const auto json = nlohmann::json::parse(read(kHere / "corpus.json"));
  const Folder folder;
  unpack(golden::path_of("models.tar.gz"), folder.path());
  EXPECT_EQ(json.at("made_from").size(), 2u);
  for (const auto& [file, hash] : json.at("made_from").items())
    EXPECT_EQ(golden::sha256(read(folder / file)), hash.get<std::string>())
        << file << " of the golden models" << kAgain;
  std::string scripts;
  std::size_t here = 0;
  for (const auto& script : json.at("generator")) scripts += read(kHere / script.get<std::string>());
  for (const fs::directory_entry& entry : fs::directory_iterator(kHere)) here += entry.path().extension() == ".py";
  EXPECT_EQ(json.at("generator").size(), here) << "another script" << kAgain;
  EXPECT_EQ(golden::sha256(scripts), json.at("generator_sha256").get<std::string>()) << "a script" << kAgain;
  EXPECT_EQ(golden::sha256(read(kHere / "corpus.tar.gz")), json.at("archive_sha256").get<std::string>())
      << "corpus.tar.gz" << kAgain;
}

}  // namespace
}  // namespace kerata::test
