#include "commands.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <set>

namespace kerata::cli {
namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

bool ends_with_any(const std::string& path, std::initializer_list<const char*> suffixes) {
  for (const char* suffix : suffixes)
    if (path.ends_with(suffix)) return true;
  return false;
}

bool holds_weights(const std::string& path) {
  return ends_with_any(path, {".weights.h5", ".weights.json", ".npz", ".safetensors"});
}

std::string number(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// A layer that is called twice gives two outputs one name: the second is "name_1".
std::vector<Tensors::Named> by_output(const Model& model, const Tensors& arrays) {
  const std::vector<std::string> outputs = arrays.names().empty() ? model.output_names() : arrays.names();
  std::vector<Tensors::Named> named;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    std::string name = outputs[i];
    for (int number = 1; !taken.insert(name).second; ++number) name = outputs[i] + "_" + std::to_string(number);
    named.emplace_back(name, arrays[i]);
  }
  return named;
}

/// As CSV, one line for each row of the first array, the columns of all arrays side by side.
std::string as_table(const Tensors& arrays) {
  std::string text;
  const Dim rows = arrays[0].shape()[0];
  std::vector<std::vector<float>> values;
  for (const Tensor& array : arrays) values.push_back(array.to_vector<float>());
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    bool is_first = true;
    for (const std::vector<float>& array : values) {
      const std::size_t columns = array.size() / static_cast<std::size_t>(rows);
      for (std::size_t column = 0; column < columns; ++column, is_first = false) {
        char digits[32];
        if (!is_first) text += ',';
        text.append(digits, std::to_chars(digits, digits + sizeof digits, array[row * columns + column]).ptr);
      }
    }
    text += '\n';
  }
  return text;
}

/// The files that a prediction reads.
std::vector<std::string> sources_of(const PredictCommand& command) {
  std::vector<std::string> files{command.file, command.weights};
  for (const std::string& input : command.inputs) {
    files.push_back(input);
    if (const std::size_t equals = input.find('='); equals != std::string::npos)
      files.push_back(input.substr(equals + 1));  // NAME=FILE
  }
  return files;
}

}  // namespace

void run(const SummaryCommand& command) { open_model(command.file, !command.no_compile).summary(command.options); }

void run(const PlotCommand& command) {
  check_output(command.output, {command.file});
  utils::plot_model(open_model(command.file, false), command.output, command.options);
}

void run(const PredictCommand& command) {
  if (!command.output.empty()) {
    if (!ends_with_any(command.output, {".npy", ".npz", ".safetensors", ".csv"}))
      throw ValueError("The suffix of '" + command.output +
                       "' is not known. Expected .npy, .npz, .safetensors or .csv.");
    check_output(command.output, sources_of(command));
  }
  Model model = open_model(command.file, false);
  if (const std::size_t outputs = model.output_names().size();
      outputs > 1 && ends_with_any(command.output, {".npy", ".csv"}))
    throw ValueError("'" + command.output + "' can hold one array, and the model has " + std::to_string(outputs) +
                     " outputs. Hint: .npz holds several.");
  if (!command.weights.empty()) model.load_weights(command.weights);
  const Tensors x = read_arrays(command.inputs, model.input_names());
  Tensors y = model.predict_all(x, {.batch_size = command.batch_size, .verbose = 0});
  if (command.output.empty()) return print(as_table(y));
  if (y.size() > 1) y = Tensors(by_output(model, y));
  utils::save_arrays(command.output, y);
}

void run(const EvaluateCommand& command) {
  Model model = open_model(command.file, true);
  if (!model.compiled())
    throw StateError("'" + command.file + "' says nothing of a loss: it was saved before compile().");
  const Tensors x = read_arrays(command.x, model.input_names()), y = read_arrays(command.y, model.output_names());
  const Scores scores = model.evaluate(x, y, {.batch_size = command.batch_size, .verbose = 0});
  std::string text;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::string value = number(scores.values()[i]);
    if (command.json)  // JSON has no NaN
      text += (i ? ", \"" : "{\"") + scores.names()[i] + "\": " + (std::isfinite(scores.values()[i]) ? value : "null");
    else
      text += (i ? " - " : "") + scores.names()[i] + ": " + value;
  }
  print(text + (command.json ? "}\n" : "\n"));
}

void run(const ConvertCommand& command) {
  const bool is_sharded = command.output.ends_with(".weights.json"), weights_alone = holds_weights(command.output);
  if (is_sharded || !(weights_alone || ends_with_any(command.output, {".keras", ".h5", ".hdf5", ".json"})))
    throw ValueError("The suffix of '" + command.output +
                     "' is not known. Expected .keras, .h5, .json, .weights.h5, .npz or .safetensors.");
  check_output(command.output, {command.file, command.weights});
  Model model = open_model(command.file, !command.no_compile);
  if (!command.weights.empty()) model.load_weights(command.weights);
  if (weights_alone) return model.save_weights(command.output);
  if (command.output.ends_with(".json")) return utils::write_text(command.output, model.to_json() + "\n");
  model.save(command.output);
}

}  // namespace kerata::cli
