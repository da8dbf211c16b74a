// plot_model(): files by their suffix, and the errors that users see.
#include "kerata/plot/plot_model.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "kerata/layers/layers.h"
#include "models/summary_recipes.h"
#include "plot/png_reader.h"
#include "support/errors.h"
#include "support/temporary_folder.h"

namespace kerata {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using utils::plot_model;

class PlotModel : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.file(name); }
  std::string content(const std::string& name) const { return folder_.content(name); }

 private:
  const TemporaryFolder folder_;
};

TEST_F(PlotModel, TheSuffixIsTheFormat) {
  const Model model = test::summary_recipe("wide_deep");
  plot_model(model, path("m.png"));
  plot_model(model, path("m.svg"));
  plot_model(model, path("m.dot"));
  plot_model(model, path("without_suffix"));
  EXPECT_THAT(content("m.png"), StartsWith("\x89PNG"));
  EXPECT_THAT(content("m.svg"), StartsWith("<?xml"));
  EXPECT_THAT(content("m.dot"), StartsWith("digraph G {\nrankdir=TB;\n"));
  EXPECT_EQ(content("without_suffix"), content("m.png"));
}

TEST_F(PlotModel, DpiScalesThePicture) {
  const Model model = test::summary_recipe("mnist_model");
  plot_model(model, path("a.png"), {.show_shapes = true, .dpi = 72});
  plot_model(model, path("b.png"), {.show_shapes = true, .dpi = 144});
  const test::Png a = test::read_png(content("a.png")), b = test::read_png(content("b.png"));
  EXPECT_NEAR(b.width, 2.0 * a.width, 2);
  EXPECT_NEAR(b.height, 2.0 * a.height, 2);
  EXPECT_EQ(b.pixels_per_metre, 5669u);
}

TEST_F(PlotModel, OptionsShowInThePicture) {
  const Model model = test::summary_recipe("nested_three_deep");
  plot_model(model, path("plain.svg"));
  EXPECT_THAT(content("plain.svg"), HasSubstr(">Dense</text>"));
  EXPECT_THAT(content("plain.svg"), Not(HasSubstr(">head</text>")));
  EXPECT_THAT(content("plain.svg"), Not(HasSubstr("stroke-dasharray")));
  plot_model(model, path("all.svg"),
             {.show_shapes = true,
              .show_dtype = true,
              .show_layer_names = true,
              .expand_nested = true,
              .show_layer_activations = true,
              .show_trainable = true});
  for (const char* text : {">head</text>", "> (Dense)</text>", ">Input shape: </text>", ">(None, 4)</text>",
                           ">Output dtype: </text>", ">float32</text>", ">Activation: </text>", ">linear</text>",
                           ">Trainable</text>", "fill=\"#228b22\"", "stroke-dasharray", ">middle</text>"})
    EXPECT_THAT(content("all.svg"), HasSubstr(text));
}

TEST_F(PlotModel, RankdirTurnsThePicture) {
  const Model model = test::summary_recipe("mnist_model");
  for (const auto& [name, direction] :
       {std::pair("TB", utils::RankDirection::top_bottom), {"LR", utils::RankDirection::left_right}}) {
    plot_model(model, path(std::string(name) + ".png"), {.rankdir = direction, .dpi = 72});
  }
  const test::Png tall = test::read_png(content("TB.png")), wide = test::read_png(content("LR.png"));
  EXPECT_GT(tall.height, tall.width);
  EXPECT_GT(wide.width, wide.height);
}

TEST_F(PlotModel, TheSameModelGivesTheSameBytes) {
  plot_model(test::summary_recipe("ensemble"), path("a.png"), {.expand_nested = true});
  plot_model(test::summary_recipe("ensemble"), path("b.png"), {.expand_nested = true});
  EXPECT_EQ(content("a.png"), content("b.png"));
}

TEST_F(PlotModel, EveryRecipeCanBeDrawn) {
  for (const char* recipe :
       {"shared_in_a_row", "shared_model", "masked_lstm", "masked_lstm_sequential", "operators", "keras_ops",
        "subclassed", "input_is_output", "two_outputs_inside", "nested_twice", "lstm_initial_state", "residual"})
    for (const bool expand : {false, true}) {
      plot_model(test::summary_recipe(recipe), path("m.png"), {.show_shapes = true, .expand_nested = expand});
      EXPECT_GT(test::read_png(content("m.png")).width, 100u) << recipe;
    }
}

TEST_F(PlotModel, ErrorsNameTheCauseAndTheCure) {
  const Model model = test::summary_recipe("mnist_model");
  EXPECT_ERROR(
      ValueError, plot_model(model, path("m.pdf")),
      "[plot_model] Kerata draws .png, .svg and .dot files, not '.pdf'. Hint: the engine \"dot\" lets Graphviz "
      "write it.");
  EXPECT_ERROR(ValueError, plot_model(model, path("m.png"), {.dpi = 0}),
               "[plot_model] Expected a dpi above 0, received 0.");
  EXPECT_ERROR_WITH(ValueError, plot_model(test::summary_recipe("sequential_unbuilt"), path("m.png")),
                    "This model has not yet been built.");
  EXPECT_ERROR(BackendError, plot_model(model, path("no/such/folder.png")),
               "[saving] Cannot write " + path("no/such/folder.png") + ": No such file or directory.");
}

TEST_F(PlotModel, GraphvizIsAskedOnlyWhenWanted) {
  const Model model = test::summary_recipe("mnist_model");
  const std::string before = getenv("PATH");
  setenv("PATH", path("").c_str(), 1);
  EXPECT_ERROR(
      BackendError, plot_model(model, path("m.png"), {.engine = "dot"}),
      "[plot_model] Graphviz's program 'dot' cannot be run (No such file or directory). Hint: install it (Debian: "
      "apt-get install graphviz), or leave .engine out: Kerata draws .png and .svg itself.");
  plot_model(model, path("m.png"));
  EXPECT_THAT(content("m.png"), StartsWith("\x89PNG"));
  // A program in its place that shows what it is given.
  std::ofstream(path("dot")) << "#!/bin/sh\n[ \"$4\" ] && exit 9\nread -r line\necho \"$1 $2 $line\" > \"$3\"\n";
  fs::permissions(path("dot"), fs::perms::owner_all);
  plot_model(model, path("m.pdf"), {.engine = "dot"});
  EXPECT_EQ(content("m.pdf"), "-Tpdf -o digraph G {\n");
  std::ofstream(path("dot")) << "#!/bin/sh\necho 'no such format' >&2\nexit 1\n";
  EXPECT_ERROR(BackendError, utils::model_to_dot(model).write(path("m.xyz")),
               "[plot_model] Graphviz could not write '" + path("m.xyz") + "': no such format");
  setenv("PATH", before.c_str(), 1);
}

}  // namespace
}  // namespace kerata
