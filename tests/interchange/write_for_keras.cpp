// write_for_keras FOLDER: saves models in every format, with data, outputs and one further epoch of training beside
// them, for open_in_keras.py: the models of written_models.h, and every golden model saved again.
//
// index.json: [{"name", "keras", "h5", "weights", "shards", "json", "batch_size", "arrays": npz, "inputs": names by
// position or a map, "outputs" (count), "compiled", "trained": {"history"}}]; arrays: x/<i or name>, y/..., w/...,
// out<i>, optimizer<i>, then after<i> and optimizer_after<i> of the further epoch.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "graph/node.h"
#include "interchange/golden_models.h"
#include "interchange/written_models.h"
#include "saving/npz_file.h"

namespace {

using namespace kerata;
using golden::Json;

using Arrays = std::map<std::string, Tensor>;

/// The names under which the arrays are kept: a list, or a map by name; null for none.
Json keep(Arrays& arrays, const std::string& prefix, const Tensors& values) {
  if (values.size() == 0) return nullptr;
  Json names = values.names().empty() ? Json::array() : Json::object();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string label = values.names().empty() ? std::to_string(i) : values.names()[i];
    arrays[prefix + "/" + label] = values[i];
    if (names.is_array())
      names.push_back(prefix + "/" + label);
    else
      names[label] = prefix + "/" + label;
  }
  return names;
}

void keep_state(Arrays& arrays, Model& model, const Tensors& x, Dim batch_size, const std::string& suffix) {
  const Tensors outputs = model.predict_all(x, {.batch_size = batch_size, .verbose = 0});
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool fits = outputs[i].dtype() != DType::bfloat16;  // NumPy lacks it
    arrays["out" + suffix + std::to_string(i)] = fits ? outputs[i] : outputs[i].cast("float32");
  }
  if (!model.compiled()) return;
  const std::vector<Variable> variables = model.optimizer().variables();
  for (std::size_t i = 0; i < variables.size(); ++i)
    arrays["optimizer" + suffix + std::to_string(i)] = variables[i].value();
}

/// Shards of the size of the largest array, in place of an older set: so the names are not Keras's.
void save_shards_twice(const Model& model, const std::string& index) {
  std::size_t largest = 1;
  std::vector<Variable> variables = model.weights();
  if (model.compiled())
    for (const Variable& v : Model(model).optimizer().variables()) variables.push_back(v);
  for (const Variable& v : variables) largest = std::max(largest, bytes_of({v.dtype(), v.shape()}));
  for (int round = 0; round < 2; ++round)
    model.save_weights(index, {.max_shard_size = static_cast<double>(largest) / (1 << 30)});
}

class Writer {
 public:
  explicit Writer(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
  }

  void write(test::WrittenModel& each, bool all_formats, bool trains) {
    Json entry{{"name", each.name}, {"batch_size", each.batch_size}, {"compiled", each.model.compiled()}};
    const std::string path = (folder_ / each.name).string();
    each.model.save(path + ".keras");
    entry["keras"] = each.name + ".keras";
    if (all_formats) {
      each.model.save(path + ".h5");
      each.model.save_weights(path + ".weights.h5");
      std::ofstream(path + ".model.json") << each.model.to_json();
      save_shards_twice(each.model, path + ".weights.json");
      entry["shards"] = each.name + ".weights.json";
      entry["h5"] = each.name + ".h5", entry["weights"] = each.name + ".weights.h5";
      entry["json"] = each.name + ".model.json";
    }
    Arrays arrays;
    entry["x"] = keep(arrays, "x", each.x);
    entry["y"] = keep(arrays, "y", each.y);
    entry["sample_weight"] = keep(arrays, "w", each.sample_weight);
    keep_state(arrays, each.model, each.x, each.batch_size, "");
    if (trains) entry["history"] = train(each, arrays);
    saving::save_npz(path + ".npz", arrays);
    index_.push_back(std::move(entry));
  }

  void finish() const { std::ofstream(folder_ / "index.json") << index_.dump(1) << "\n"; }
  std::size_t size() const { return index_.size(); }

 private:
  Json train(test::WrittenModel& each, Arrays& arrays) {
    const History history = each.model.fit(
        each.x, each.y,
        {.batch_size = each.batch_size, .verbose = 0, .shuffle = false, .sample_weight = each.sample_weight});
    keep_state(arrays, each.model, each.x, each.batch_size, "_after");
    Json figures;
    for (const auto& [key, values] : history.history) figures[key] = values.front();
    return figures;
  }

  std::filesystem::path folder_;
  Json index_ = Json::array();
};

void write_own(Writer& writer) {
  for (test::WrittenModel& each : test::written_models()) {
    each.model.fit(
        each.x, each.y,
        {.batch_size = each.batch_size, .verbose = 0, .shuffle = false, .sample_weight = each.sample_weight});
    writer.write(each, true, true);
  }
}

void write_golden_again(Writer& writer) {
  for (const char* stem : {"models", "models_options", "models_mixed", "models_tensorflow"}) {
    for (const test::GoldenModel& golden : test::golden_models(stem)) {
      test::WrittenModel each{
          golden.name() + "_again", load_model(golden.path("keras")), golden.data("x"),
          golden.data("y"),         golden.data("sample_weight"),     golden.json.at("batch_size").get<Dim>()};
      writer.write(each, golden.has("h5"), golden.trains());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "write_for_keras FOLDER\n";
    return 2;
  }
  Writer writer(argv[1]);
  write_own(writer);
  write_golden_again(writer);
  writer.finish();
  std::cout << writer.size() << " models written for Keras\n";
}
