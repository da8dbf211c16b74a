#include "support/golden.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "saving/npz_file.h"

namespace kerata::golden {
namespace {

// On another machine than the one that built the tests the variables say where the folders are.
std::string folder(const char* variable, const char* otherwise) {
  const char* given = std::getenv(variable);
  return given ? given : otherwise;
}
std::string place_of(const std::string& file) { return folder("KERATA_GOLDEN_DIR", KERATA_GOLDEN_DIR) + "/" + file; }

void mark_as_read(const std::string& file) {
  std::ofstream(folder("KERATA_GOLDEN_READ_DIR", KERATA_GOLDEN_READ_DIR) + "/" + file);
}

Tensor from_numbers(const Json& data, const Shape& shape, const std::string& dtype) {
  const std::vector<double> values = numbers(data);
  return Tensor::from_span<double>(values, shape).cast(Choice<DType>::parse(dtype));
}

std::string index_text(std::size_t flat, const Shape& shape) {
  std::vector<std::size_t> index(static_cast<std::size_t>(shape.rank()));
  for (std::size_t axis = index.size(); axis-- > 0;) {
    const auto size = static_cast<std::size_t>(shape[static_cast<Dim>(axis)]);
    index[axis] = flat % size;
    flat /= size;
  }
  std::string text = "[";
  for (std::size_t i = 0; i < index.size(); ++i) text += (i ? ", " : "") + std::to_string(index[i]);
  return text + "]";
}

bool is_near(double actual, double expected, const Tolerance& tolerance) {
  if (std::isnan(expected)) return std::isnan(actual);
  if (std::isinf(expected)) return actual == expected;
  return std::abs(actual - expected) <= tolerance.atol + tolerance.rtol * std::abs(expected);
}

testing::AssertionResult compare(const std::vector<double>& actual, const std::vector<double>& expected,
                                 const Shape& shape, const Tolerance& tolerance) {
  std::size_t different = 0, first = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!is_near(actual[i], expected[i], tolerance) && different++ == 0) first = i;
  }
  if (different == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << different << " of " << expected.size() << " elements differ, first at "
                                     << index_text(first, shape) << ": got " << testing::PrintToString(actual[first])
                                     << ", expected " << testing::PrintToString(expected[first]) << ", difference "
                                     << actual[first] - expected[first] << " (rtol " << tolerance.rtol << ", atol "
                                     << tolerance.atol << ")";
}

}  // namespace

File::File(std::string stem) : stem_(std::move(stem)) {
  std::ifstream stream(place_of(stem_ + ".json"));
  if (!stream)
    throw ValueError("[golden] There is no golden file " + stem_ + ".json. Hint: see tests/golden/README.md.");
  json_ = Json::parse(stream);
  mark_as_read(stem_ + ".json");
  const std::string npz = place_of(stem_ + ".npz");
  if (!std::filesystem::exists(npz)) return;
  for (auto& [name, array] : saving::load_npz(npz)) arrays_.emplace(name, array);
  mark_as_read(stem_ + ".npz");
}

Tensor File::tensor(const Json& value) const {
  if (value.is_null()) return {};
  if (!value.is_object()) return from_numbers(Json::array({value}), Shape{}, "float32");
  const auto dtype = value.at("dtype").get<std::string>();
  if (!value.contains("array")) return from_numbers(value.at("data"), shape(value.at("shape")), dtype);
  const auto array = arrays_.find(value.at("array").get<std::string>());
  if (array == arrays_.end()) throw ValueError("[golden] " + stem_ + ".npz has no array " + value.at("array").dump());
  return array->second.cast(Choice<DType>::parse(dtype));
}

std::vector<Tensor> File::tensors(const Json& list) const {
  std::vector<Tensor> result;
  for (const Json& value : list) result.push_back(tensor(value));
  return result;
}

Tensors File::nested(const Json& value) const {
  if (value.is_null()) return {};
  if (value.is_array()) return tensors(value);
  if (value.contains("dtype")) return tensor(value);
  std::vector<Tensors::Named> by_name;
  for (const auto& [name, item] : value.items()) by_name.emplace_back(name, tensor(item));
  return by_name;
}

const File& open(const std::string& stem) {
  static std::map<std::string, std::unique_ptr<File>> files;
  std::unique_ptr<File>& file = files[stem];
  if (!file) file = std::make_unique<File>(stem);
  return *file;
}

std::string path_of(const std::string& file) {
  mark_as_read(file);
  return place_of(file);
}

double number(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (!value.is_string()) return value.get<double>();
  const auto text = value.get<std::string>();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  return text == "-inf" ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

std::vector<double> numbers(const Json& list) {
  std::vector<double> result;
  for (const Json& value : list) result.push_back(number(value));
  return result;
}

Shape shape(const Json& list) {
  std::vector<Dim> dims;
  for (const Json& size : list) dims.push_back(size.is_null() ? -1 : size.get<Dim>());
  return Shape(dims);
}

Config config(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array()) {
    Config::List list;
    for (const Json& item : value) list.push_back(config(item));
    return list;
  }
  if (!value.is_object()) return {};
  Config::Object object;
  for (const auto& [key, item] : value.items()) object.emplace_back(key, config(item));
  return object;
}

testing::AssertionResult near_all(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance) {
  if (actual.is_empty() || expected.is_empty()) {
    if (actual.is_empty() == expected.is_empty()) return testing::AssertionSuccess();
    return testing::AssertionFailure() << (actual.is_empty() ? "no tensor came, one was expected"
                                                             : "a tensor came, none was expected");
  }
  if (!(actual.shape() == expected.shape())) {
    return testing::AssertionFailure() << "shape " << to_string(actual.shape()) << ", expected "
                                       << to_string(expected.shape());
  }
  return compare(actual.to_vector<double>(), expected.to_vector<double>(), expected.shape(), tolerance);
}

testing::AssertionResult near_all(const std::vector<double>& actual, const std::vector<double>& expected,
                                  const Tolerance& tolerance) {
  if (actual.size() != expected.size()) {
    return testing::AssertionFailure() << actual.size() << " values, expected " << expected.size();
  }
  return compare(actual, expected, Shape{static_cast<Dim>(expected.size())}, tolerance);
}

void expect_near_all(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance,
                     const std::string& what) {
  EXPECT_TRUE(near_all(actual, expected, tolerance)) << what;
}

void expect_near_all(const std::vector<double>& actual, const std::vector<double>& expected, const Tolerance& tolerance,
                     const std::string& what) {
  EXPECT_TRUE(near_all(actual, expected, tolerance)) << what;
}

}  // namespace kerata::golden
