// utils::load_arrays and save_arrays.
#include "kerata/saving/array_files.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "kerata/core/error.h"
#include "kerata/layers/input.h"
#include "kerata/ops/creation.h"
#include "support/errors.h"
#include "support/temporary_folder.h"

namespace kerata {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using utils::load_array;
using utils::load_arrays;
using utils::save_arrays;

class ArrayFiles : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.file(name); }
  std::string content(const std::string& name) const { return folder_.content(name); }
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  std::string error_of(const std::string& name) const {
    try {
      load_arrays(path(name));
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

 private:
  const TemporaryFolder folder_;
};

TEST_F(ArrayFiles, NpyKeepsShapeAndType) {
  for (const char* dtype : {"float32", "float64", "int32", "int64", "uint8", "bool", "float16"}) {
    const Tensor x = ops::array({{1, 0, 3}, {4, 5, 6}}).cast(Choice<DType>::parse(dtype));
    save_arrays(path("x.npy"), x);
    const Tensor y = load_array(path("x.npy"));
    EXPECT_EQ(y.dtype(), x.dtype()) << dtype;
    EXPECT_EQ(y.shape(), x.shape());
    EXPECT_EQ(y.to_vector<double>(), x.to_vector<double>()) << dtype;
  }
  save_arrays(path("s.npy"), ops::zeros({}));
  EXPECT_EQ(load_array(path("s.npy")).rank(), 0);
}

TEST_F(ArrayFiles, NpyIsNumPysFormat) {
  save_arrays(path("x.npy"), ops::array({1.5, -2.0}));
  const std::string bytes = content("x.npy");
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_EQ(bytes.size(), 128u + 8);
  EXPECT_THAT(bytes, HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"));
}

TEST_F(ArrayFiles, ArchivesHoldArraysByName) {
  for (const char* file : {"a.npz", "a.safetensors"}) {
    save_arrays(path(file), {{"b", ops::array({1, 2})}, {"a", ops::array({0.5})}});
    const Tensors found = load_arrays(path(file));
    EXPECT_THAT(found.names(), ElementsAre("a", "b"));
    EXPECT_THAT(found["b"].to_vector<int>(), ElementsAre(1, 2));
  }
  save_arrays(path("b.npz"), {ops::array({1}), ops::array({2})});
  EXPECT_THAT(load_arrays(path("b.npz")).names(), ElementsAre("arr_0", "arr_1"));
}

TEST_F(ArrayFiles, CsvIsATableWithOrWithoutHeadings) {
  write("a.csv", "x, y\r\n1, +2.5\r\n\r\n-3e2,nan\r\n");
  const Tensor a = load_array(path("a.csv"));
  EXPECT_EQ(a.shape(), (Shape{2, 2}));
  EXPECT_EQ(a.dtype(), DType::float32);
  EXPECT_THAT(a.slice({.axis = 1, .stop = 1}).to_vector<float>(), ElementsAre(1, -300));
  write("b.csv", "1\n2\n3");
  EXPECT_EQ(load_array(path("b.csv")).shape(), (Shape{3, 1}));
  save_arrays(path("c.csv"), ops::array({{0.1, 2.0}, {1e-9, -3.0}}));
  EXPECT_EQ(content("c.csv"), "0.1,2\n1e-09,-3\n");
  EXPECT_THAT(load_array(path("c.csv")).to_vector<float>(), ElementsAre(0.1f, 2, 1e-9f, -3));
  save_arrays(path("d.csv"), ops::array({7, 8}));
  EXPECT_EQ(content("d.csv"), "7\n8\n");
}

TEST_F(ArrayFiles, ErrorsNameFileAndPlace) {
  write("a.csv", "1,2\n3,x\n");
  EXPECT_EQ(error_of("a.csv"), "[csv] " + path("a.csv") + " line 2: expected numbers, received 'x'.");
  write("b.csv", "1,2\n3\n");
  EXPECT_EQ(error_of("b.csv"), "[csv] " + path("b.csv") + " line 2: expected 2 numbers, received 1.");
  write("c.csv", "only,headings\n");
  EXPECT_EQ(error_of("c.csv"), "[csv] " + path("c.csv") + " holds no numbers.");
  write("a.npy", "short");
  EXPECT_EQ(error_of("a.npy"), "[npy] " + path("a.npy") + " is too short for an .npy array.");
  save_arrays(path("b.npy"), ops::array({1.0, 2.0}));
  write("b.npy", content("b.npy").substr(0, 130));
  EXPECT_EQ(error_of("b.npy"), "[npy] " + path("b.npy") +
                                   " has another size than its header says. Expected 8 bytes for shape (2,), received "
                                   "2.");
  EXPECT_EQ(error_of("a.txt"), "[load_arrays] The suffix of '" + path("a.txt") +
                                   "' is not known. Expected .npy, .npz, .safetensors or .csv.");
  save_arrays(path("two.npz"), {{"a", ops::array({1})}, {"b", ops::array({2})}});
  EXPECT_ERROR(ValueError, load_array(path("two.npz")),
               "[load_array] Expected one array in '" + path("two.npz") +
                   "', received 2. Hint: load_arrays() gives all, by name.");
  for (const char* name : {"s.npy", "s.npz", "s.safetensors"}) {
    EXPECT_ERROR_WITH(StateError, save_arrays(path(name), Input({2})), " has no values to save: it is symbolic.");
    EXPECT_FALSE(fs::exists(path(name)));
  }
  const Tensors equal_names({{"a", ops::array({1})}, {"a", ops::array({2})}});
  for (const char* name : {"equal.npz", "equal.safetensors"})
    EXPECT_ERROR(ValueError, save_arrays(path(name), equal_names),
                 "[save_arrays] Two arrays are called 'a'. Expected names that differ.");
  EXPECT_THROW(save_arrays(path("a.npy"), {ops::array({1}), ops::array({2})}), ValueError);
  EXPECT_THROW(save_arrays(path("a.bin"), ops::array({1})), ValueError);
}

}  // namespace
}  // namespace kerata
