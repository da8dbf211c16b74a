// The kerata program as a user meets it: what it prints, what it writes, how it ends.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

#include "core/require.h"
#include "kerata/kerata.h"
#include "support/temporary_folder.h"

namespace kerata {
namespace {

using namespace layers;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Outcome {
  int status = 0;
  std::string out, error;
};

class Cli : public ::testing::Test {
 protected:
  Cli() {
    Tensor wide = Input({2}, {.name = "wide"}), deep = Input({3}, {.name = "deep"});
    Tensor hidden = Dense(4, {.activation = "relu", .name = "hidden"})(deep);
    Tensor price = Dense(1, {.name = "price"})(concatenate({wide, hidden}));
    Model two({wide, deep}, {price, Dense(2, {.name = "kind"})(hidden)}, {.name = "two_ways"});
    two.save(path("two.keras"));
    Tensor x = Input({3}, {.name = "x"});
    Model one(x, Dense(2, {.activation = "softmax", .name = "head"})(x), {.name = "one_way"});
    one.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    one.save(path("one.keras"));
    utils::save_arrays(path("x.npy"), data_);
  }

  std::string path(const std::string& name) const { return folder_.file(name); }
  std::string content(const std::string& name) const { return folder_.content(name); }
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }

  /// In the folder, with a screen of 80 columns.
  Outcome kerata(const std::string& arguments) const {
    const char* program = std::getenv("KERATA_PROGRAM");
    require<StateError>(program != nullptr, "cli_test", "KERATA_PROGRAM names no program: run it by ctest.");
    const std::string command =
        "cd '" + folder_.path().string() + "' && COLUMNS=80 '" + program + "' " + arguments + " > out.txt 2> error.txt";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content("out.txt"), content("error.txt")};
  }

  const Tensor data_ = ops::array({{1.0, 2.0, 3.0}, {-1.0, 0.5, 0.25}, {4.0, -3.0, 2.0}, {0.0, 1.0, -1.0}});

 private:
  const TemporaryFolder folder_;
};

std::string summary_of(const Model& model, SummaryOptions options) {
  std::string text;
  options.print_fn = [&text](const std::string& printed) { text = printed; };
  setenv("COLUMNS", "80", 1);
  model.summary(options);
  return text;
}

TEST_F(Cli, SummaryPrintsWhatTheLibraryPrints) {
  const Model two = load_model(path("two.keras"));
  const Outcome plain = kerata("summary two.keras");
  EXPECT_EQ(plain.status, 0) << plain.error;
  EXPECT_EQ(plain.out, summary_of(two, {}));
  EXPECT_EQ(kerata("summary two.keras --show-trainable --line-length 70").out,
            summary_of(two, {.line_length = 70, .show_trainable = true}));
  EXPECT_EQ(kerata("summary two.keras --expand-nested --positions 0.3,0.6,0.8,1").out,
            summary_of(two, {.positions = {0.3, 0.6, 0.8, 1}, .expand_nested = true}));
  EXPECT_EQ(kerata("summary two.keras --layer-range hidden price").out,
            summary_of(two, {.layer_range = {"hidden", "price"}}));
}

TEST_F(Cli, PlotDrawsWithAllOptions) {
  EXPECT_EQ(kerata("plot two.keras").status, 0);
  EXPECT_THAT(content("model.png"), StartsWith("\x89PNG"));
  const Outcome outcome = kerata(
      "plot two.keras -o p.svg --show-shapes --show-dtype --show-layer-names --rankdir LR --expand-nested --dpi 96 "
      "--show-layer-activations --show-trainable");
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  utils::plot_model(load_model(path("two.keras")), path("expected.svg"),
                    {.show_shapes = true,
                     .show_dtype = true,
                     .show_layer_names = true,
                     .rankdir = "LR",
                     .expand_nested = true,
                     .show_layer_activations = true,
                     .show_trainable = true});
  EXPECT_EQ(content("p.svg"), content("expected.svg"));
  EXPECT_EQ(kerata("plot two.keras -o p.dot --splines curved").status, 0);
  EXPECT_THAT(content("p.dot"), HasSubstr("splines=curved;"));
}

TEST_F(Cli, PredictReadsAndWritesArrays) {
  const Model one = load_model(path("one.keras"));
  const std::vector<float> expected = one.predict(data_, {.verbose = 0}).to_vector<float>();
  const Outcome outcome = kerata("predict one.keras --input x.npy -o y.npy --batch-size 3");
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_EQ(outcome.out, "");
  const Tensor y = utils::load_array(path("y.npy"));
  EXPECT_EQ(y.shape(), (Shape{4, 2}));
  EXPECT_EQ(y.to_vector<float>(), expected);
  write("x.csv", "a,b,c\n1,2,3\n-1,0.5,0.25\n4,-3,2\n0,1,-1\n");
  EXPECT_EQ(kerata("predict one.keras -i x.csv -o y.csv").status, 0);
  EXPECT_EQ(utils::load_array(path("y.csv")).to_vector<float>(), expected);
  EXPECT_EQ(kerata("predict one.keras -i x.csv").out, content("y.csv"));
}

TEST_F(Cli, PredictTakesSeveralInputsByNameAndGivesOutputsByName) {
  const Tensor wide = data_.reshape({6, 2}).slice({.stop = 4});
  const Tensors expected = load_model(path("two.keras")).predict_all({{"wide", wide}, {"deep", data_}}, {.verbose = 0});
  utils::save_arrays(path("both.npz"), {{"deep", data_}, {"unused", data_}, {"wide", wide}});
  utils::save_arrays(path("wide.npy"), wide);
  for (const char* input : {"-i both.npz", "-i wide.npy -i x.npy", "-i deep=x.npy -i wide=wide.npy"}) {
    const Outcome outcome = kerata(std::string("predict two.keras -o out.npz ") + input);
    EXPECT_EQ(outcome.status, 0) << input << outcome.error;
    const Tensors found = utils::load_arrays(path("out.npz"));
    EXPECT_THAT(found.names(), ElementsAre("kind", "price"));
    EXPECT_EQ(found["price"].to_vector<float>(), expected[0].to_vector<float>());
    EXPECT_EQ(found["kind"].to_vector<float>(), expected[1].to_vector<float>());
  }
  EXPECT_THAT(kerata("predict two.keras -i both.npz -o out.npy").error,
              HasSubstr("'out.npy' can hold one array, and the model has 2 outputs. Hint: .npz holds several."));
}

TEST_F(Cli, PredictKeepsOutputsOfOneName) {
  const Tensor x = Input({3}, {.name = "x"});
  const Dense twice(3, {.name = "twice"});
  const Tensor once = twice(x);
  const Model model(x, {once, twice(once), x});
  model.save(path("twice.keras"));
  EXPECT_EQ(kerata("predict twice.keras -i x.npy -o out.npz").error, "");
  const Tensors expected = model.predict_all(data_, {.verbose = 0}), found = utils::load_arrays(path("out.npz"));
  EXPECT_THAT(found.names(), ElementsAre("twice", "twice_1", "x"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(found[i].to_vector<float>(), expected[i].to_vector<float>());
}

TEST_F(Cli, EvaluatePrintsTheScores) {
  write("y.csv", "0\n1\n1\n0\n");
  Model one = load_model(path("one.keras"));
  const Scores scores = one.evaluate(data_, utils::load_array(path("y.csv")), {.verbose = 0});
  const Outcome outcome = kerata("evaluate one.keras --x x.npy --y y.csv");
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_THAT(outcome.out, StartsWith("loss: "));
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
  double loss = 0, accuracy = 0;
  ASSERT_EQ(std::sscanf(outcome.out.c_str(), "loss: %lf - accuracy: %lf", &loss, &accuracy), 2);
  EXPECT_EQ(loss, scores.loss());
  EXPECT_EQ(accuracy, scores["accuracy"]);
  const Outcome json = kerata("evaluate one.keras --x x.npy --y y.csv --json");
  ASSERT_EQ(std::sscanf(json.out.c_str(), "{\"loss\": %lf, \"accuracy\": %lf}\n", &loss, &accuracy), 2) << json.out;
  EXPECT_EQ(loss, scores.loss());
  EXPECT_EQ(kerata("evaluate two.keras --x x.npy --y y.csv").error,
            "kerata: 'two.keras' says nothing of a loss: it was saved before compile().\n");
}

TEST_F(Cli, ConvertGoesThroughEveryFormat) {
  const std::vector<float> expected = load_model(path("one.keras")).predict(data_, {.verbose = 0}).to_vector<float>();
  for (const char* command :
       {"one.keras one.h5", "one.h5 again.keras", "one.keras one.json", "one.keras one.weights.h5", "one.keras one.npz",
        "one.keras one.safetensors", "one.json a.keras --weights one.weights.h5", "one.json b.keras --weights one.npz",
        "one.json c.keras --weights one.safetensors"}) {
    const Outcome outcome = kerata(std::string("convert ") + command);
    EXPECT_EQ(outcome.status, 0) << command << ": " << outcome.error;
  }
  for (const char* file : {"one.h5", "again.keras", "a.keras", "b.keras", "c.keras"})
    EXPECT_EQ(load_model(path(file)).predict(data_, {.verbose = 0}).to_vector<float>(), expected) << file;
  EXPECT_EQ(kerata("predict one.json --weights one.npz -i x.npy").out, kerata("predict one.keras -i x.npy").out);
  EXPECT_EQ(kerata("convert one.keras one.onnx").error,
            "kerata: The suffix of 'one.onnx' is not known. Expected .keras, .h5, .json, .weights.h5, .npz or "
            ".safetensors.\n");
}

TEST_F(Cli, WhatDoesNotWorkEndsWithOneAndSaysWhy) {
  const Outcome missing = kerata("summary nothing.keras");
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.error, StartsWith("kerata: "));
  EXPECT_THAT(missing.error, HasSubstr("nothing.keras"));
  EXPECT_EQ(missing.out, "");
  write("broken.keras", "this is no archive");
  EXPECT_EQ(kerata("summary broken.keras").status, 1);
  kerata("convert one.keras one.npz");
  EXPECT_EQ(
      kerata("summary one.npz").error,
      "kerata: 'one.npz' holds weights without a model. Hint: give the model as FILE (a .json file is enough) and "
      "these with --weights.\n");
  utils::save_arrays(path("both.npz"), {{"left", data_}, {"right", data_}});
  EXPECT_EQ(kerata("predict one.keras -i both.npz").error,
            "kerata: 'both.npz' has no array 'x': it holds 'left', 'right'.\n");
  EXPECT_EQ(kerata("predict two.keras -i wide=x.npy -i deeep=x.npy").error,
            "kerata: The model knows no 'deeep'. Expected one of: 'wide', 'deep'.\n");
  EXPECT_EQ(kerata("predict two.keras -i wide=x.npy -i x.npy").error,
            "kerata: Expected NAME=FILE for all of 'wide', 'deep' or for none of them.\n");
  EXPECT_EQ(
      kerata("predict two.keras -i wide=both.npz -i deep=x.npy").error,
      "kerata: [load_array] Expected one array in 'both.npz', received 2. Hint: load_arrays() gives all, by name.\n");
  EXPECT_EQ(kerata("convert one.keras no/one.json").error,
            "kerata: Cannot write 'no/one.json': No such file or directory.\n");
  EXPECT_THAT(
      kerata("predict one.keras -i x.parquet").error,
      HasSubstr("[load_arrays] The suffix of 'x.parquet' is not known. Expected .npy, .npz, .safetensors or .csv."));
}

// The input does not exist: an error that names the output came before anything was read.
TEST_F(Cli, AnOutputThatCannotBeIsRefusedFirst) {
  const std::string missing = "kerata: Cannot write 'no/y.npy': No such file or directory.\n";
  EXPECT_EQ(kerata("predict none.keras -i none.npy -o no/y.npy").error, missing);
  EXPECT_EQ(kerata("predict none.keras -i none.npy -o y.xyz").error,
            "kerata: The suffix of 'y.xyz' is not known. Expected .npy, .npz, .safetensors or .csv.\n");
  EXPECT_EQ(kerata("plot none.keras -o no/p.png").error,
            "kerata: Cannot write 'no/p.png': No such file or directory.\n");
  EXPECT_EQ(kerata("convert none.keras no/y.h5").error, "kerata: Cannot write 'no/y.h5': No such file or directory.\n");
  for (const char* output : {"y.xyz", "y.weights.json"})
    EXPECT_EQ(kerata(std::string("convert none.keras ") + output).error,
              "kerata: The suffix of '" + std::string(output) +
                  "' is not known. Expected .keras, .h5, .json, .weights.h5, .npz or .safetensors.\n");
  std::filesystem::create_directory(path("folder.npy"));
  EXPECT_EQ(kerata("predict none.keras -i none.npy -o folder.npy").error,
            "kerata: Cannot write 'folder.npy': it is a folder.\n");
}

TEST_F(Cli, AnOutputThatIsAnInputIsRefused) {
  std::filesystem::create_symlink(path("x.npy"), path("link.npy"));
  const std::string before = content("x.npy"), model = content("one.keras");
  for (const char* input : {"x.npy", "x=x.npy", "link.npy"}) {
    const Outcome outcome = kerata(std::string("predict one.keras -o x.npy -i ") + input);
    EXPECT_EQ(outcome.status, 1) << input;
    EXPECT_EQ(outcome.error,
              "kerata: 'x.npy' is read by this command and would be replaced. Hint: give another name.\n");
  }
  EXPECT_EQ(kerata("convert one.keras ./one.keras").error,
            "kerata: './one.keras' is read by this command and would be replaced. Hint: give another name.\n");
  EXPECT_EQ(kerata("plot one.keras -o one.keras").status, 1);
  EXPECT_EQ(content("x.npy"), before);
  EXPECT_EQ(content("one.keras"), model);
}

TEST_F(Cli, AWrongCommandLineEndsWithTwo) {
  for (const char* arguments : {"", "paint one.keras", "summary", "summary one.keras --loud", "plot one.keras --dpi 0",
                                "plot one.keras --rankdir UP", "predict one.keras", "evaluate one.keras --x x.npy"}) {
    const Outcome outcome = kerata(arguments);
    EXPECT_EQ(outcome.status, 2) << arguments;
    EXPECT_NE(outcome.error, "") << arguments;
  }
  const std::string commands = " Expected one of: summary plot predict evaluate convert.\n";
  EXPECT_EQ(kerata("").error, "kerata: A command is missing." + commands);
  EXPECT_EQ(kerata("summary").error, "kerata: FILE is required.\nRun with --help for more information.\n");
  EXPECT_THAT(kerata("plot one.keras --rankdir UP").error, HasSubstr("kerata: --rankdir: UP not in {TB,LR,BT,RL}."));
  EXPECT_THAT(kerata("summary one.keras two.keras").error, HasSubstr("argument was not expected: two.keras."));
  EXPECT_EQ(kerata("paint one.keras").error,
            "kerata: There is no command 'paint'. Expected one of: summary plot predict evaluate convert.\n");
  EXPECT_THAT(kerata("plot one.keras --dpi 0").error, HasSubstr("--dpi: Value 0 not in range 1 to 2147483647"));
}

TEST_F(Cli, HelpAndVersion) {
  EXPECT_EQ(kerata("--version").out, "kerata " + std::string(version()) + "\n");
  const Outcome help = kerata("--help");
  EXPECT_EQ(help.status, 0);
  for (const char* command : {"summary", "plot", "predict", "evaluate", "convert"}) {
    EXPECT_THAT(help.out, HasSubstr(command));
    const Outcome of_command = kerata(std::string(command) + " --help");
    EXPECT_EQ(of_command.status, 0);
    EXPECT_THAT(of_command.out, HasSubstr("FILE"));
  }
  EXPECT_THAT(kerata("plot --help").out, HasSubstr("--show-layer-activations"));
}

}  // namespace
}  // namespace kerata
