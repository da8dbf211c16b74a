// Every file of the corpus is refused with a kerata::Error that names file and place, soon, in little memory, and
// without looking outside the file.
#include "hostile/corpus.h"

#include <gtest/gtest.h>

#include <csignal>
#include <iostream>

namespace kerata::test {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr double kSeconds = 60;
constexpr long kPeakMib = 4000;
#else
constexpr double kSeconds = 5;
constexpr long kPeakMib = 500;
#endif
constexpr unsigned kPatience = 120;  // seconds, by the clock
constexpr int kRefused = 0, kOpened = 10;
constexpr std::size_t kAtLeast = 60;

std::string explain(const Outcome& outcome) {
  switch (outcome.status) {
    case kOpened:
      return "was opened as if nothing were wrong";
    case 11:
      return "was refused, but the model's weights changed";
    case 128 + SIGALRM:
      return "took longer than " + std::to_string(kPatience) + " s, or something outside the file was opened";
    default:
      return "ended with status " + std::to_string(outcome.status);
  }
}

TEST(Hostile, ValidFilesOfTheSameMakeAreOpened) {
  const Corpus corpus;
  for (const CorpusFile& file : corpus.list("valid")) {
    const Outcome outcome = open_in_process(corpus, file, kPatience);
    EXPECT_EQ(outcome.status, kOpened) << file.file << ": " << outcome.message;
  }
}

TEST(Hostile, FilesAreRefused) {
  const Corpus corpus;
  std::size_t refused = 0;
  Outcome slowest, largest;
  std::string slowest_file, largest_file;
  for (const CorpusFile& file : corpus.list("refused")) {
    const Outcome outcome = open_in_process(corpus, file, kPatience);
    EXPECT_EQ(outcome.status, kRefused) << file.file << " " << explain(outcome) << ": " << outcome.message;
    if (outcome.status != kRefused) continue;
    ++refused;
    EXPECT_FALSE(file.text.empty()) << file.file;
    EXPECT_NE(outcome.message.find(file.text), std::string::npos)
        << file.file << ": expected \"" << file.text << "\" in: " << outcome.message;
    if (file.how != "json") {
      EXPECT_NE(outcome.message.find(file.file), std::string::npos)
          << file.file << " is not named in: " << outcome.message;
    }
    EXPECT_LT(outcome.message.size(), 2000u) << file.file;
    EXPECT_EQ(outcome.message.find("root:"), std::string::npos) << file.file << ": " << outcome.message;
    EXPECT_LT(outcome.seconds, kSeconds) << file.file;
    EXPECT_LT(outcome.peak_mib, kPeakMib) << file.file;
    if (outcome.seconds > slowest.seconds) slowest = outcome, slowest_file = file.file;
    if (outcome.peak_mib > largest.peak_mib) largest = outcome, largest_file = file.file;
  }
  std::cout << "hostile files refused: " << refused << "\nslowest: " << slowest.seconds << " s, " << slowest_file
            << "\nlargest: " << largest.peak_mib << " MiB, " << largest_file << "\n";
  EXPECT_GE(refused, kAtLeast);
}

}  // namespace
}  // namespace kerata::test
