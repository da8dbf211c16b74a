// kerata: looks at models and runs them from the command line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <limits>

#include "commands.h"

namespace {

using namespace kerata;
using namespace kerata::cli;

template <class Enum>
void add_choice(CLI::App& app, const char* flag, Choice<Enum>& choice, const char* help) {
  std::vector<std::string> words(std::begin(ChoiceNames<Enum>::list), std::end(ChoiceNames<Enum>::list));
  app.add_option_function<std::string>(
         flag, [&choice](const std::string& word) { choice = Choice<Enum>::parse(word); }, help)
      ->check(CLI::IsMember(words))
      ->default_str(std::string(choice.name()));
}

const CLI::Range kAboveZero(1, std::numeric_limits<int>::max());
const char* const kModelFile = "the model: .keras, .h5 or .json (architecture only)";
const char* const kWeights = "weights to load into it: .weights.h5, .keras, .h5, .npz, .safetensors";
const char* const kNoCompile = "pass over loss, metrics and optimizer, which may be of classes unknown here";

void add_summary(CLI::App& app, SummaryCommand& command) {
  CLI::App& sub = *app.add_subcommand("summary", "Print a model's table of layers.");
  sub.add_option("FILE", command.file, kModelFile)->required();
  sub.add_flag("--expand-nested", command.options.expand_nested, "also the layers of models inside");
  sub.add_flag("--show-trainable", command.options.show_trainable, "a column that tells which layers are trained");
  sub.add_option("--line-length", command.options.line_length, "width of the table (default: fits the terminal)")
      ->check(kAboveZero);
  sub.add_option("--positions", command.options.positions, "right ends of the columns, in parts of the width")
      ->delimiter(',');
  sub.add_option("--layer-range", command.options.layer_range,
                 "names (regular expressions) of the first and last layer");
  sub.add_flag("--no-compile", command.no_compile, kNoCompile);
  sub.callback([&command] { run(command); });
}

void add_plot(CLI::App& app, PlotCommand& command) {
  CLI::App& sub = *app.add_subcommand("plot", "Draw a model's graph.");
  utils::PlotModelOptions& options = command.options;
  sub.add_option("FILE", command.file, kModelFile)->required();
  sub.add_option("-o,--output", command.output, "picture: .png, .svg or .dot")->capture_default_str();
  sub.add_flag("--show-shapes", options.show_shapes, "shapes of inputs and outputs");
  sub.add_flag("--show-dtype", options.show_dtype, "dtypes of outputs");
  sub.add_flag("--show-layer-names", options.show_layer_names, "names of layers");
  add_choice(sub, "--rankdir", options.rankdir, "which way the edges run");
  sub.add_flag("--expand-nested", options.expand_nested, "models inside as frames around their layers");
  sub.add_option("--dpi", options.dpi, "pixels per inch of a .png")->check(kAboveZero)->capture_default_str();
  sub.add_flag("--show-layer-activations", options.show_layer_activations, "activations of layers");
  sub.add_flag("--show-trainable", options.show_trainable, "which layers are trained");
  add_choice(sub, "--splines", options.splines, "how Graphviz draws edges");
  add_choice(sub, "--engine", options.engine, "who draws: kerata, or Graphviz's program dot");
  sub.callback([&command] { run(command); });
}

void add_predict(CLI::App& app, PredictCommand& command) {
  CLI::App& sub = *app.add_subcommand("predict", "Run a model on data.");
  sub.add_option("FILE", command.file, kModelFile)->required();
  sub.add_option("-i,--input", command.inputs,
                 "data: .npy, .csv or .npz; for several inputs one .npz with their names, or --input once for each: "
                 "FILE or NAME=FILE")
      ->required()
      ->allow_extra_args(false);
  sub.add_option("-o,--output", command.output, "results: .npy, .csv or .npz (default: CSV on standard output)");
  sub.add_option("--weights", command.weights, kWeights);
  sub.add_option("--batch-size", command.batch_size, "samples at once")->check(kAboveZero)->capture_default_str();
  sub.callback([&command] { run(command); });
}

void add_evaluate(CLI::App& app, EvaluateCommand& command) {
  CLI::App& sub = *app.add_subcommand("evaluate", "Print loss and metrics of a compiled model on data.");
  sub.add_option("FILE", command.file, "the model: .keras or .h5")->required();
  sub.add_option("--x", command.x, "data: .npy, .csv or .npz; once for each input: FILE or NAME=FILE")
      ->required()
      ->allow_extra_args(false);
  sub.add_option("--y", command.y, "targets, in the same way")->required()->allow_extra_args(false);
  sub.add_option("--batch-size", command.batch_size, "samples at once")->check(kAboveZero)->capture_default_str();
  sub.add_flag("--json", command.json, "print one JSON object");
  sub.callback([&command] { run(command); });
}

void add_convert(CLI::App& app, ConvertCommand& command) {
  CLI::App& sub = *app.add_subcommand("convert", "Write a model or its weights in another format, by the suffix.");
  sub.add_option("FILE", command.file, kModelFile)->required();
  sub.add_option("OUTPUT", command.output, "a model: .keras, .h5, .json; its weights: .weights.h5, .npz, .safetensors")
      ->required();
  sub.add_option("--weights", command.weights, kWeights);
  sub.add_flag("--no-compile", command.no_compile, kNoCompile);
  sub.callback([&command] { run(command); });
}

int fail(const std::string& text, int status) {
  std::fprintf(stderr, "kerata: %s\n", text.c_str());
  return status;
}

/// CLI11 says only that a subcommand is required.
std::string without_command(const CLI::App& app) {
  if (!app.get_subcommands().empty()) return {};
  const std::vector<std::string> unknown = app.remaining();
  std::string text = unknown.empty() ? "A command is missing." : "There is no command '" + unknown[0] + "'.";
  text += " Expected one of:";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    text += " " + command->get_name();
  return text + ".";
}

}  // namespace

/// 0: done; 1: it did not work, standard error tells why; 2: the command line is wrong.
int main(int argc, char** argv) {
  CLI::App app("Looks at Keras models and runs them.", "kerata");
  app.set_version_flag("--version", "kerata " + std::string(version()));
  app.require_subcommand(1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return "kerata: " + std::string(error.what()) + ".\nRun with --help for more information.\n";
  });
  SummaryCommand summary;
  PlotCommand plot;
  PredictCommand predict;
  EvaluateCommand evaluate;
  ConvertCommand convert;
  add_summary(app, summary);
  add_plot(app, plot);
  add_predict(app, predict);
  add_evaluate(app, evaluate);
  add_convert(app, convert);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    if (const std::string text = without_command(app); !text.empty()) return fail(text, 2);
    app.exit(error);
    return 2;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    return fail(error.what(), 1);
  }
  return 0;
}
