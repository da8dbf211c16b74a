// .keras files and folders: what is in them, and what is wrong with others.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "kerata/kerata.h"
#include "saving/zip_file.h"
#include "support/errors.h"
#include "support/zip_bytes.h"

namespace kerata {
namespace {

using namespace layers;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ScaleLayer : public Layer {
 public:
  struct Options {
    double factor = 1;
    std::string name = {};
    static constexpr auto fields() {
      return std::tuple{field("factor", &Options::factor), field("name", &Options::name)};
    }
  };
  explicit ScaleLayer(const Options& options) : factor_(options.factor) {}
  void build(const Shape& input) override { shift_ = add_weight("shift", {input.back()}, {.initializer = "zeros"}); }
  Tensor call(const Tensor& x, const CallContext&) const override { return factor_ * x + shift_; }

 private:
  double factor_;
  Variable shift_;
};
using Scale = LayerRef<ScaleLayer>;

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

Model small() { return Sequential({Input({3}), Dense(2, {.name = "d"})}, {.name = "s"}); }
Tensor inputs() { return ops::reshape(ops::arange(6).cast("float32"), {2, 3}); }

class KerasFile : public ::testing::Test {
 protected:
  std::string at(const std::string& name) const { return folder_.file(name); }
  std::string member(const std::string& file, const std::string& name) const {
    const saving::ZipReader zip(at(file));
    return zip.read(*zip.find(name), 1 << 20);
  }
  TemporaryFolder folder_;
};

TEST_F(KerasFile, HasTheMembersOfKeras) {
  small().save(at("m.keras"));
  const saving::ZipReader zip(at("m.keras"));
  std::vector<std::string> names;
  for (const saving::ZipMember& one : zip.members()) {
    names.push_back(one.name);
    EXPECT_TRUE(one.stored);
  }
  EXPECT_THAT(names, ElementsAre("metadata.json", "config.json", "model.weights.h5"));
  EXPECT_THAT(member("m.keras", "metadata.json"),
              ::testing::MatchesRegex(R"re(\{"keras_version": "3\.15\.1", "date_saved": "[0-9-]{10}@[0-9:]{8}"\})re"));
  EXPECT_THAT(member("m.keras", "config.json"),
              ::testing::StartsWith(R"({"module": "keras", "class_name": "Sequential")"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1) << "no file is left beside it";
}

TEST_F(KerasFile, CompressedMembersAreRead) {
  const Model model = small();
  model.save(at("m.keras"));
  folder_.write("packed.keras", zip({deflated("config.json", member("m.keras", "config.json")),
                                     deflated("model.weights.h5", member("m.keras", "model.weights.h5"))}));
  EXPECT_EQ(load_model(at("packed.keras")).predict(inputs()).to_vector<float>(),
            model.predict(inputs()).to_vector<float>());
}

TEST_F(KerasFile, AFolderInsteadOfAnArchive) {
  const Model model = small();
  model.save(at("folder"), {.zipped = false});
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "folder" / "model.weights.h5"));
  EXPECT_EQ(load_model(at("folder")).predict(inputs()).to_vector<float>(), model.predict(inputs()).to_vector<float>());
  EXPECT_ERROR(ValueError, model.save(at("m.keras"), {.zipped = false}),
               "[Model.save] When using `zipped=False`, the `filepath` argument should not end in `.keras`. Received: "
               "filepath=" +
                   at("m.keras"));
}

TEST_F(KerasFile, LayersOfTheUsersOwn) {
  register_layer<Scale>("acme>Scale");
  const Model model = Sequential({Input({3}), Scale({.factor = 3}), Dense(1)});
  model.save(at("m.keras"));
  EXPECT_EQ(load_model(at("m.keras")).predict(inputs()).to_vector<float>(), model.predict(inputs()).to_vector<float>());
  std::string config = member("m.keras", "config.json");
  for (std::size_t at_name; (at_name = config.find("Scale")) != std::string::npos;) config.replace(at_name, 5, "Stale");
  folder_.write("other.keras", zip({stored("config.json", config),
                                    stored("model.weights.h5", member("m.keras", "model.weights.h5"))}));
  EXPECT_ERROR_WITH(ValueError, load_model(at("other.keras")), "Stale");
  EXPECT_ERROR_WITH(ValueError, load_model(at("other.keras")), "register_layer<");
}

TEST_F(KerasFile, OverwritingCanBeForbidden) {
  const Model model = small();
  model.save(at("m.keras"));
  const std::string before = content_of(at("m.keras"));
  EXPECT_ERROR(ValueError, model.save(at("m.keras"), {.overwrite = false}),
               "[Model.save] The file " + at("m.keras") + " exists already, and overwrite is false.");
  EXPECT_EQ(content_of(at("m.keras")), before);
}

TEST_F(KerasFile, OtherSuffixes) {
  for (const std::string path : {"m", "m.pb", "m.npz"}) {
    EXPECT_ERROR(ValueError, small().save(path),
                 "[Model.save] Invalid filepath extension for saving. Please add either a `.keras` extension for the "
                 "native Keras format (recommended) or a `.h5` extension. Received: filepath=" +
                     path + ".");
    EXPECT_ERROR(
        ValueError, load_model(path),
        "[load_model] File format not supported: filepath=" + path +
            ". Expected a `.keras` file, or a legacy `.h5` file. Note that TensorFlow's SavedModel format is not "
            "supported.");
  }
}

TEST_F(KerasFile, AModelThatIsNotBuiltIsSavedWithAWarning) {
  const Model model = Sequential({Dense(2), Dense(1)});
  ::testing::internal::CaptureStderr();
  model.save(at("m.keras"));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("You are saving a model that has not yet been built. It might not contain any weights yet."));
  const Model again = load_model(at("m.keras"));
  EXPECT_FALSE(again.built());
  EXPECT_EQ(again.predict(inputs()).shape(), (Shape{2, 1}));
}

TEST_F(KerasFile, MissingFilesAndMembers) {
  EXPECT_ERROR(ValueError, load_model(at("no.keras")),
               "[load_model] File not found: filepath=" + at("no.keras") +
                   ". Please ensure the file is an accessible `.keras` zip file.");
  folder_.write("text.keras", "no archive");
  EXPECT_ERROR_WITH(ValueError, load_model(at("text.keras")), "text.keras");
  small().save(at("m.keras"));
  folder_.write("a.keras", zip({stored("model.weights.h5", member("m.keras", "model.weights.h5"))}));
  EXPECT_ERROR(ValueError, load_model(at("a.keras")),
               "[" + at("a.keras") + "] The file has no config.json. Expected a file that model.save() made.");
  folder_.write("b.keras", zip({stored("config.json", member("m.keras", "config.json"))}));
  EXPECT_ERROR(ValueError, load_model(at("b.keras")),
               "[" + at("b.keras") + "] Expected a model.weights.h5 file. The archive has none.");
}

TEST_F(KerasFile, WeightsOfAnotherModelAreRefused) {
  small().save(at("m.keras"));
  Sequential({Input({3}), Dense(5)}).save(at("other.keras"));
  folder_.write("mixed.keras", zip({stored("config.json", member("m.keras", "config.json")),
                                    stored("model.weights.h5", member("other.keras", "model.weights.h5"))}));
  EXPECT_ERROR(
      ValueError, load_model(at("mixed.keras")),
      "[load_model] A total of 1 objects could not be loaded. Example error message for object <Dense name=d, "
      "built=True>:\n\n[" +
          at("mixed.keras") +
          "/model.weights.h5] The shape of the target variable and the shape of the target value must match. "
          "'d/kernel' has shape (3, 2), received shape (3, 5) from 'layers/dense/vars/0'.\n\nList of objects that "
          "could not be loaded:\n[<Dense name=d, built=True>]");
}

TEST_F(KerasFile, ADamagedMemberIsRefused) {
  small().save(at("m.keras"));
  std::string bytes = content_of(at("m.keras"));
  const saving::ZipReader zip(at("m.keras"));
  bytes[zip.find("model.weights.h5")->data_offset + zip.find("model.weights.h5")->size / 2] ^= 1;
  folder_.write("bad.keras", bytes);
  EXPECT_ERROR_WITH(ValueError, load_model(at("bad.keras")), "model.weights.h5");
}

TEST_F(KerasFile, ASmallFileCannotAskForMuchMemory) {
  small().save(at("m.keras"));
  std::string config = member("m.keras", "config.json");
  const std::string units = "\"units\": 2";
  config.replace(config.find(units), units.size(), "\"units\": 20000000000");
  folder_.write("large.keras", zip({stored("config.json", config),
                                    stored("model.weights.h5", member("m.keras", "model.weights.h5"))}));
  EXPECT_ERROR_WITH(ValueError, load_model(at("large.keras")), "would need more memory than the file accounts for");
}

}  // namespace
}  // namespace kerata
