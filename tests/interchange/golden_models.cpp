#include "interchange/golden_models.h"

#include <map>

namespace kerata::test {
namespace {

constexpr golden::Tolerance kTolerance{1e-5, 1e-6};
// Keras rounds Adam's 1 - beta^t to float32, which is a few 1e-6 away from its own float64 run after some steps (the
// training tests hold Adam to that run).
// bfloat16 has eight bits, and where a chain of ops rounds is each back end's choice.
constexpr golden::Tolerance kMixed{2e-2, 2e-2};
golden::Tolerance tolerance_of(const GoldenModel& golden) { return golden.is_mixed() ? kMixed : kTolerance; }
golden::Tolerance after_training(Model model, const GoldenModel& golden) {
  if (golden.is_mixed()) return kMixed;
  const bool is_adam = model.optimizer().to_config().find("class_name")->as_text() == "Adam";
  return is_adam ? golden::Tolerance{1e-5, 1e-5} : kTolerance;
}

void forget_states(const Model& model) {
  for (const AnyLayer& layer : model.layers())
    if (auto* lstm = dynamic_cast<layers::LSTMLayer*>(layer.ptr().get())) lstm->reset_state();
}

// Keras looks at the global policy when it compiles a functional model that it has loaded.
class PolicyOf {
 public:
  explicit PolicyOf(const GoldenModel& golden) {
    if (golden.name().starts_with("mixed_float16")) mixed_precision::set_dtype_policy("mixed_float16");
  }
  ~PolicyOf() { mixed_precision::set_dtype_policy("float32"); }
};

}  // namespace

std::vector<GoldenModel> golden_models(const std::string& stem) {
  static std::map<std::string, Folder> folders;
  const bool unpacked = folders.contains(stem);
  const Folder& folder = folders[stem];
  if (!unpacked) unpack(golden::path_of(stem + ".tar.gz"), folder.path());
  const golden::File& file = golden::open(stem);
  std::vector<GoldenModel> models;
  for (const golden::Json& each : file["models"]) models.push_back({file, each, folder});
  return models;
}

int for_each(const std::vector<GoldenModel>& models, const Function<void(const GoldenModel&)>& check) {
  int good = 0;
  for (const GoldenModel& model : models) {
    SCOPED_TRACE("model " + model.name());
    const int before = ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
    const PolicyOf policy(model);
    try {
      check(model);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
    if (::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count() == before) ++good;
  }
  return good;
}

std::vector<Tensor> outputs_of(const Model& model, const GoldenModel& golden) {
  const Dim batch = golden.json.at("batch_size").get<Dim>();
  const Tensors outputs = model.predict_all(golden.data("x"), {.batch_size = batch, .verbose = 0});
  const golden::Json& names = golden.json.at("output_names");
  if (names.is_null()) return outputs.list();
  std::vector<Tensor> sorted;
  for (const golden::Json& name : names) sorted.push_back(outputs[name.get<std::string>()]);
  return sorted;
}

void expect_outputs(const Model& model, const GoldenModel& golden, const char* key) {
  const golden::Json& place = std::string(key) == "outputs" ? golden.json : golden.json.at("fit");
  const std::vector<Tensor> found = outputs_of(model, golden), expected = golden.file.tensors(place.at(key));
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    golden::expect_near_all(found[i], expected[i],
                            std::string(key) == "outputs" ? tolerance_of(golden) : after_training(model, golden),
                            std::string(key) + " " + std::to_string(i));
}

void expect_weights(const Model& model, const GoldenModel& golden) {
  expect_same(model.get_weights().list(), golden.file.tensors(golden.json.at("weights")), "weights");
  EXPECT_EQ(model.count_params(), golden.json.at("count_params").get<Dim>());
}

History train_on(Model& model, const GoldenModel& golden) {
  forget_states(model);  // Keras trained on what it had just loaded
  const golden::Json& fit = golden.json.at("fit");
  return model.fit(golden.data("x"), golden.data("y"),
                   {.batch_size = golden.json.at("batch_size").get<Dim>(),
                    .epochs = fit.at("epochs").get<int>(),
                    .verbose = 0,
                    .shuffle = false,
                    .sample_weight = golden.data("sample_weight")});
}

void expect_history(const History& history, const GoldenModel& golden) {
  const golden::Json& expected = golden.json.at("fit").at("history");
  EXPECT_EQ(history.history.size(), expected.size());
  for (const auto& [key, values] : expected.items())
    golden::expect_near_all(history[key], golden::numbers(values), tolerance_of(golden), "history of " + key);
}

void expect_scores(Model& model, const GoldenModel& golden) {
  const golden::Json& fit = golden.json.at("fit");
  if (!fit.contains("scores") || fit.at("scores").is_null()) return;
  const Scores scores = model.evaluate(golden.data("x"), golden.data("y"),
                                       {.batch_size = golden.json.at("batch_size").get<Dim>(),
                                        .verbose = 0,
                                        .sample_weight = golden.data("sample_weight")});
  golden::expect_near_all(scores.values(), golden::numbers(fit.at("scores")), tolerance_of(golden), "scores");
}

void expect_optimizer(Model& model, const GoldenModel& golden) {
  if (!golden.json.at("fit").contains("optimizer_variables")) return;  // Keras 2 orders them otherwise
  const golden::Json& expected = golden.json.at("fit").at("optimizer_variables");
  const std::vector<Variable> found = model.optimizer().variables();
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    golden::expect_near_all(found[i].value().cast("float64"), golden.file.tensor(expected[i]).cast("float64"),
                            after_training(model, golden), "optimizer variable " + found[i].path());
}

void expect_same(const std::vector<Tensor>& found, const std::vector<Tensor>& expected, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i)
    golden::expect_near_all(found[i], expected[i], {0, 0}, what + " " + std::to_string(i));
}

void expect_same(const History& found, const History& expected, const std::string& what) {
  EXPECT_EQ(found.history, expected.history) << what;
}

}  // namespace kerata::test
