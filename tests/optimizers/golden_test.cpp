// The optimizers against Keras: every option over five steps, eager and within a compiled program.
#include <algorithm>
#include <cmath>

#include "optimizers/optimizer_case.h"

namespace kerata {
namespace {

using golden::Json;
using test::OptimizerCase;

TEST(OptimizerGolden, EagerSteps) {
  for (const Json& json : golden::open("optimizers")["cases"]) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    OptimizerCase(json).run_eagerly();
  }
}

// One program for all steps: the rate, the counter and the round of an accumulation are state, not constants of the
// trace.
TEST(OptimizerGolden, CompiledSteps) {
  for (const Json& json : golden::open("optimizers")["cases"]) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    OptimizerCase(json).run_compiled();
  }
}

// Every other step eager: both work on the same state.
TEST(OptimizerGolden, EagerAndCompiledStepsByTurns) {
  for (const Json& json : golden::open("optimizers")["cases"]) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    OptimizerCase c(json);
    CompiledRun run = c.compiled();
    for (std::size_t step = 0; step < c.steps(); ++step) {
      c.set_rate(step);
      if (step % 2 == 0)
        run(c.gradients_of(step));
      else
        c.optimizer->apply(c.gradients_of(step), c.variables);
      c.check_weights(step);
    }
    c.check_end();
  }
}

// The mean of two equal gradients is the gradient: each rule behind a gate that is shut every other step.
TEST(OptimizerGolden, EveryRuleBehindAnAccumulationOfTwo) {
  std::size_t count = 0;
  for (const Json& json : golden::open("optimizers")["cases"]) {
    const Json& config = json.at("config");
    if (!config.at("gradient_accumulation_steps").is_null() || config.at("use_ema").get<bool>()) continue;
    SCOPED_TRACE(json.at("name").get<std::string>());
    Json twice = json;
    twice["config"]["gradient_accumulation_steps"] = 2;
    OptimizerCase c(twice);
    CompiledRun run = c.compiled();
    for (std::size_t step = 0; step < c.steps(); ++step) {
      c.set_rate(step);
      c.optimizer->apply(c.gradients_of(step), c.variables);
      run(c.gradients_of(step));
      c.check_weights(step);
    }
    EXPECT_EQ(c.optimizer->iterations(), static_cast<std::int64_t>(c.steps()));
    ++count;
  }
  EXPECT_GE(count, 40u);
}

// Kingma and Ba's rule in double, with Keras's place of epsilon.
TEST(OptimizerGolden, AdamIsExact) {
  for (const char* name : {"Adam/default", "Adam/rate", "Adam/betas", "Adam/epsilon", "Adam/rate_changed"}) {
    SCOPED_TRACE(name);
    const Json& cases = golden::open("optimizers")["cases"];
    const auto found =
        std::find_if(cases.begin(), cases.end(), [&](const Json& json) { return json.at("name") == name; });
    ASSERT_NE(found, cases.end());
    OptimizerCase c(*found);
    auto option = [&](const char* key) { return c.json.at("config").at(key).get<double>(); };
    const double beta_1 = option("beta_1"), beta_2 = option("beta_2"), epsilon = option("epsilon");
    std::vector<std::vector<double>> w, m, v;
    for (const Variable& variable : c.variables) w.push_back(variable.value().to_vector<double>());
    for (const auto& x : w) m.emplace_back(x.size()), v.emplace_back(x.size());
    for (std::size_t step = 0; step < c.steps(); ++step) {
      c.set_rate(step);
      const double t = static_cast<double>(step + 1);
      const double alpha =
          c.optimizer->learning_rate() * std::sqrt(1 - std::pow(beta_2, t)) / (1 - std::pow(beta_1, t));
      const std::vector<Tensor> gradients = c.gradients_of(step);
      c.optimizer->apply(gradients, c.variables);
      for (std::size_t i = 0; i < w.size(); ++i) {
        const std::vector<double> g = gradients[i].to_vector<double>();
        for (std::size_t k = 0; k < g.size(); ++k) {
          m[i][k] = beta_1 * m[i][k] + (1 - beta_1) * g[k];
          v[i][k] = beta_2 * v[i][k] + (1 - beta_2) * g[k] * g[k];
          w[i][k] -= alpha * m[i][k] / (std::sqrt(v[i][k]) + epsilon);
        }
        golden::expect_near_all(c.variables[i].value().to_vector<double>(), w[i], {1e-6, 1e-6});
      }
    }
  }
}

TEST(OptimizerGolden, Aliases) {
  for (const auto& [word, meaning] : golden::open("optimizers")["aliases"].items()) {
    SCOPED_TRACE(word);
    ASSERT_TRUE(meaning.is_string());
    EXPECT_EQ(Optimizer::from_name(word)->to_config().find("class_name")->as_text(), meaning.get<std::string>());
  }
}

TEST(OptimizerGolden, ConfigsRoundTrip) {
  for (const Json& json : golden::open("optimizers")["cases"]) {
    SCOPED_TRACE(json.at("name").get<std::string>());
    const OptimizerCase c(json);
    const Config written = c.optimizer->to_config();
    EXPECT_EQ(written.find("class_name")->as_text(), json.at("class").get<std::string>());
    const Config given = golden::config(json.at("config"));
    EXPECT_EQ(written.find("config")->as_object().size(), given.as_object().size());
    for (const auto& [key, value] : given.as_object()) {
      const Config* found = written.find("config")->find(key);
      ASSERT_NE(found, nullptr) << key;
      // The rate is a float32, in one golden case written with its shortest digits.
      if (key == "learning_rate") {
        EXPECT_EQ(static_cast<float>(found->as_number()), static_cast<float>(value.as_number()));
      } else {
        EXPECT_EQ(to_string(*found), to_string(value)) << key;
      }
    }
    EXPECT_EQ(to_string(Optimizer::from_config(written)->to_config()), to_string(written));
  }
}

}  // namespace
}  // namespace kerata
