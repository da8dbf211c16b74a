// The golden files are those of the manifest, and every one of them was read by a test of this run.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/sha256.h"

namespace kerata {
namespace {

namespace fs = std::filesystem;
const fs::path kGolden = KERATA_GOLDEN_DIR;

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// One object for the whole run: range-for over a temporary's members would read freed memory.
const nlohmann::json& manifest() {
  static const nlohmann::json json = nlohmann::json::parse(read(kGolden / "MANIFEST.json"));
  return json;
}

TEST(GoldenFiles, Sha256OfKnownTexts) {
  EXPECT_EQ(golden::sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(golden::sha256(std::string(1000, 'a')), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
}

TEST(GoldenFiles, AgreeWithTheManifest) {
  for (const auto& [file, hash] : manifest().at("files").items()) {
    EXPECT_EQ(golden::sha256(read(kGolden / file)), hash.get<std::string>()) << file;
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(kGolden)) {
    const std::string name = entry.path().filename().string();
    const bool is_array = name.ends_with(".npz") || name.ends_with(".tar.gz");
    const bool is_golden = is_array || (name.ends_with(".json") && name != "MANIFEST.json");
    if (is_golden) {
      EXPECT_TRUE(manifest().at("files").contains(name)) << name << " is not in the manifest";
    }
  }
}

// Each file names the scripts it was made by, so that a change of one script asks for its own files only.
TEST(GoldenFiles, ComeFromTheGeneratorThatIsHere) {
  for (const auto& [file, ignored] : manifest().at("files").items()) {
    if (!file.ends_with(".json")) continue;
    const auto json = nlohmann::json::parse(read(kGolden / file));
    std::string text;
    for (const auto& source : json.at("generator")) text += read(kGolden / source.get<std::string>());
    ASSERT_FALSE(text.empty()) << file;
    EXPECT_EQ(json.at("generator_sha256").get<std::string>(), golden::sha256(text)) << file;
    EXPECT_EQ(json.at("keras_version"), manifest().at("keras_version")) << file;
  }
}

TEST(GoldenFiles, AreAllReadByTests) {
  for (const auto& [file, hash] : manifest().at("files").items()) {
    EXPECT_TRUE(fs::exists(fs::path(KERATA_GOLDEN_READ_DIR) / file)) << file << " was read by no test";
  }
}

}  // namespace
}  // namespace kerata
