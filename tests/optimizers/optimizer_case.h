// One case of optimizers.json: an optimizer, its variables, and what Keras makes of them.
#pragma once

#include "kerata/optimizers/optimizers.h"
#include "support/compiled_run.h"
#include "support/golden.h"

namespace kerata::test {

using golden::Json;

struct OptimizerCase {
  const golden::File& file = golden::open("optimizers");
  const Json& json;
  std::shared_ptr<Optimizer> optimizer;
  std::vector<Variable> variables;
  bool is_rate_changed;

  explicit OptimizerCase(const Json& given)
      : json(given),
        optimizer(Optimizer::from_config(Config::Object{{"class_name", given.at("class").get<std::string>()},
                                                        {"config", golden::config(given.at("config"))}})),
        is_rate_changed(given.contains("learning_rates")) {
    for (const Json& value : json.at("initial"))
      variables.emplace_back("v" + std::to_string(variables.size()), Role::trainable, file.tensor(value));
  }

  std::size_t steps() const { return json.at("gradients").size(); }
  std::vector<Tensor> gradients_of(std::size_t step) const { return file.tensors(json.at("gradients")[step]); }
  void set_rate(std::size_t step) {
    if (is_rate_changed) optimizer->set_learning_rate(json.at("learning_rates")[step].get<double>());
  }
  // Keras computes 1 - beta_2^t in float32, which costs up to 1e-5 of a step; with Adam's step of 0.5 that shows. Here
  // it is computed in double: AdamIsExact, below, holds the same case to 1e-6.
  golden::Tolerance tolerance() const { return {1e-5, json.at("name") == "Adam/rate_changed" ? 0.5 * 1e-5 : 1e-6}; }
  void check_weights(std::size_t step) const {
    for (std::size_t i = 0; i < variables.size(); ++i)
      golden::expect_near_all(variables[i].value(), file.tensor(json.at("weights")[step][i]), tolerance(),
                              "step " + std::to_string(step) + ", variable " + std::to_string(i));
  }
  /// Every step by apply(), or by one program; checked after each, and at the end.
  void run_eagerly() {
    for (std::size_t step = 0; step < steps(); ++step) {
      set_rate(step);
      optimizer->apply(gradients_of(step), variables);
      check_weights(step);
    }
    check_end();
  }
  void run_compiled() {
    CompiledRun run = compiled();
    EXPECT_EQ(optimizer->iterations(), 0);  // tracing has written nothing
    for (std::size_t step = 0; step < steps(); ++step) {
      set_rate(step);
      run(gradients_of(step));
      check_weights(step);
    }
    check_end();
  }
  CompiledRun compiled() {
    optimizer->build(variables);
    return CompiledRun(gradients_of(0), true, [this](const std::vector<Tensor>& x, Scope&) {
      optimizer->apply(x, variables);
      return std::vector<Tensor>();
    });
  }
  void check_end() {
    const std::vector<Variable> state = optimizer->variables();
    ASSERT_EQ(state.size(), json.at("variables").size());
    for (std::size_t i = 0; i < state.size(); ++i) {
      const Json& expected = json.at("variables")[i];
      EXPECT_EQ(state[i].path(), expected.at("path").get<std::string>());
      EXPECT_EQ(state[i].shape(), golden::shape(expected.at("shape")));
      golden::expect_near_all(state[i].value(), file.tensor(expected.at("values")), {1e-5, 1e-6}, state[i].path());
    }
    optimizer->finalize_variable_values(variables);
    for (std::size_t i = 0; i < variables.size(); ++i)
      golden::expect_near_all(variables[i].value(), file.tensor(json.at("finalized_weights")[i]), tolerance(),
                              "finalized");
    EXPECT_EQ(optimizer->iterations(), json.at("iterations").get<std::int64_t>());
  }
};

}  // namespace kerata::test
