// The commands of the `kerata` program: what the command line gave, and what is done with it. They use the public
// interface of the library only, and throw kerata::Error.
#pragma once

#include <kerata/kerata.h>

#include <string>
#include <vector>

namespace kerata::cli {

struct SummaryCommand {
  std::string file;
  SummaryOptions options;
  bool no_compile = false;
};
void run(const SummaryCommand& command);

struct PlotCommand {
  std::string file, output = "model.png";
  utils::PlotModelOptions options;
};
void run(const PlotCommand& command);

struct PredictCommand {
  std::string file, output, weights;
  std::vector<std::string> inputs;
  Dim batch_size = 32;
};
void run(const PredictCommand& command);

struct EvaluateCommand {
  std::string file;
  std::vector<std::string> x, y;
  Dim batch_size = 32;
  bool json = false;
};
void run(const EvaluateCommand& command);

struct ConvertCommand {
  std::string file, output, weights;
  bool no_compile = false;
};
void run(const ConvertCommand& command);

/// A model from a .keras, .h5 or .json file. Throws ValueError when the file holds weights alone.
Model open_model(const std::string& path, bool compile);

/// Data for a model from files: one file for each of `names` in their order, or given as NAME=FILE, or one .npz with
/// an array for each name.
Tensors read_arrays(const std::vector<std::string>& files, const std::vector<std::string>& names);

/// Before the work begins: throws BackendError when a file cannot be written there, and ValueError when it is one of
/// those that the command reads (a name for two of them, or a link).
void check_output(const std::string& path, const std::vector<std::string>& inputs);

}  // namespace kerata::cli
