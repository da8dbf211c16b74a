// The progress line: Keras's to the letter in a terminal, clean in a log.
#include <regex>
#include <set>
#include <sstream>

#include "support/golden.h"
#include "training/progress_bar.h"
#include "training/small_models.h"

namespace kerata {
namespace {

using namespace test;
using golden::Json;
using training::ProgressBar;

double now = 0;
double fake_clock() { return now; }

template <class F>
std::string printed(const F& f) {
  testing::internal::CaptureStdout();
  f();
  return testing::internal::GetCapturedStdout();
}

const golden::File& file() { return golden::open("progress"); }

TEST(Progress, NumbersAreKerass) {
  for (const Json& row : file()["format_number"]) {
    std::string text;
    training::append_figure(text, golden::number(row[0]), row[1].get<int>());
    EXPECT_EQ(text, row[2].get<std::string>()) << row.dump();
  }
}

TEST(Progress, TimesPerStepAreKerass) {
  for (const Json& row : file()["format_time"]) {
    std::string text;
    training::append_step_time(text, golden::number(row[0]));
    EXPECT_EQ(text, row[1].get<std::string>()) << row.dump();
  }
}

// Each bar by itself under a clock of the test's own, to the byte.
TEST(Progress, LinesInATerminalAreKerass) {
  // What Keras's class can do beside, and fit() never asks for; in a log ours is cleaner.
  const std::set<std::string> skipped = {"averaged", "unknown_target", "wide", "samples", "five_steps_log"};
  int checked = 0;
  for (const Json& bar_case : file()["bars"]) {
    const std::string name = bar_case.at("name").get<std::string>();
    if (skipped.contains(name)) continue;
    SCOPED_TRACE(name);
    now = 1000;
    ProgressBar bar(bar_case.at("options").value("verbose", 1), bar_case.at("target").get<std::int64_t>(), true,
                    fake_clock);
    for (const Json& update : bar_case.at("updates")) {
      now = 1000 + update.at("seconds").get<double>();
      const auto current = update.at("current").get<std::int64_t>();
      const bool finalize = update.at("finalize").is_boolean() && update.at("finalize").get<bool>();
      std::vector<Logs::Entry> figures;
      for (const Json& value : update.at("values"))
        figures.emplace_back(value[0].get<std::string>(), golden::number(value[1]));
      const std::string text = printed([&] {
        if (finalize || bar.is_due(current)) bar.print(current, figures, finalize);
      });
      EXPECT_EQ(text, update.at("text").get<std::string>());
      ++checked;
    }
  }
  EXPECT_GT(checked, 40);
}

std::string without_times(const std::string& text) {
  return std::regex_replace(text, std::regex(R"((\d+:\d\d:\d\d|\d+:\d\d|\d+s)( -)? (\d+)(s|ms|us)/step)"),
                            "{elapsed}$2 {step}/step");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void run(const Json& call) {
  using namespace layers;
  Sequential model({Input({3}), Dense(2, {.activation = "tanh"}), Dense(1)});
  model.set_weights(file().tensors(file()["weights"]));
  std::vector<AnyMetric> metrics;
  for (const Json& name : call.at("metrics")) metrics.push_back(name.get<std::string>());
  model.compile({.optimizer = "sgd", .loss = "mse", .metrics = Metrics::per_output({MetricList(metrics)})});
  const Json& arguments = call.at("arguments");
  const auto batch = arguments.at("batch_size").get<Dim>(), steps = call.at("steps").get<Dim>();
  const std::string rows = call.at("name").get<std::string>().find("twelve") != std::string::npos ? "24" : "10";
  const Json &data = file()["data"].at(rows), &validation = file()["data"].at("4");
  const Tensor x = file().tensor(data.at("x")), y = file().tensor(data.at("y"));
  EXPECT_EQ(steps, (x.shape()[0] + batch - 1) / batch);
  const int verbose = call.at("verbose").is_number() ? call.at("verbose").get<int>() : kAuto;
  const std::string method = call.at("call").get<std::string>();
  if (method == "predict") static_cast<void>(model.predict(x, {.batch_size = batch, .verbose = verbose}));
  if (method == "evaluate") model.evaluate(x, y, {.batch_size = batch, .verbose = verbose});
  if (method != "fit") return;
  FitOptions options{.batch_size = batch,
                     .epochs = arguments.value("epochs", 1),
                     .verbose = verbose,
                     .shuffle = false,
                     .initial_epoch = arguments.value("initial_epoch", 0),
                     .validation_freq = arguments.value("validation_freq", 1)};
  if (arguments.at("has_validation").get<bool>())
    options.validation_data = {file().tensor(validation.at("x")), file().tensor(validation.at("y"))};
  model.fit(x, y, options);
}

// Standard output is no terminal here: what is left of Keras's output on the screen is what stands in the log.
TEST(Progress, ALogHoldsTheLastStateOfEveryLine) {
  for (const Json& call : file()["runs"]) {
    SCOPED_TRACE(call.at("name").get<std::string>());
    if (!call.at("terminal").get<bool>()) continue;  // there Keras prints every state on a line of its own
    const std::string text = printed([&] { run(call); });
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\r'), std::string::npos);
    EXPECT_EQ(lines_of(without_times(text)), call.at("screen").get<std::vector<std::string>>());
  }
}

}  // namespace
}  // namespace kerata
