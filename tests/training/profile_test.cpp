// KERATA_PROFILE=1 and executable_report(): where the time and the memory of a training go.
#include <cstdlib>
#include <regex>

#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;

// Before the library reads it, which it does once.
const bool profile_is_on = setenv("KERATA_PROFILE", "1", 1) == 0;

TEST(Profile, IsPrintedAtTheEndOfFit) {
  ASSERT_TRUE(profile_is_on);
  Model model = class_model("adam");
  const Data data = class_data();
  testing::internal::CaptureStdout();
  model.fit(data.x, data.y, {.batch_size = 5, .epochs = 2, .verbose = 2});
  const std::string text = testing::internal::GetCapturedStdout();
  const std::size_t table = text.find("     calls      total ms     us a call      GB/s   GFLOP/s  kernel\n");
  ASSERT_NE(table, std::string::npos) << text;
  EXPECT_LT(text.find("Epoch 2/2"), table);  // at the end, once
  EXPECT_EQ(text.find("us a call", table + 40), std::string::npos);
  const std::string rows = text.substr(table);
  for (const char* kernel : {"matmul", "sparse_softmax", "adam_step"})
    EXPECT_TRUE(std::regex_search(
        rows, std::regex(R"(\n +8 +[0-9]+\.[0-9]{3} +[0-9]+\.[0-9]{3} +[0-9]+\.[0-9] +[0-9]+\.[0-9]  .*)" +
                         std::string(kernel))))
        << kernel << '\n'
        << rows;
}

TEST(ExecutableReport, TellsKernelsFusedChainsAndArenaOfEachProgram) {
  Model model = class_model();
  EXPECT_EQ(model.executable_report(), "");
  const Data data = class_data();
  model.fit(data.x, data.y, {.batch_size = 8, .verbose = 0});
  static_cast<void>(model.evaluate(data.x, data.y, {.batch_size = 20, .verbose = 0}));
  static_cast<void>(model.predict(data.x, {.batch_size = 20, .verbose = 0}));
  const std::string report = model.executable_report(),
                    numbers = R"([1-9][0-9]* kernels, [0-9]+ of them fused chains; arena [0-9]+ bytes \([0-9]+ )"
                              R"(without a plan\)\n)";
  EXPECT_TRUE(std::regex_match(report, std::regex("train, batch 4: " + numbers + "train, batch 8: " + numbers +
                                                  "test, batch 20: " + numbers + "predict, batch 20: " + numbers)))
      << report;
}

}  // namespace
}  // namespace kerata
