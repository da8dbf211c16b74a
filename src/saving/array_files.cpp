#include "kerata/saving/array_files.h"

#include <charconv>
#include <map>

#include "core/require.h"
#include "files/atomic_file.h"
#include "files/file_io.h"
#include "saving/npy.h"
#include "saving/npz_file.h"
#include "saving/safetensors.h"
#include "saving/tensor_bytes.h"

namespace kerata::utils {
namespace {

using Arrays = std::map<std::string, Tensor>;

Tensor load_npy(const std::string& path) {
  const files::InputFile file(path);
  std::uint64_t position = 0;
  return saving::read_npy(file.size(), path, [&](void* to, std::size_t count) {
    file.read_at(position, to, count);
    position += count;
  });
}

std::string_view trimmed(std::string_view field) {
  while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) field.remove_prefix(1);
  while (!field.empty() && (field.back() == ' ' || field.back() == '\t' || field.back() == '\r'))
    field.remove_suffix(1);
  if (field.starts_with('+')) field.remove_prefix(1);
  return field;
}

bool parse_row(std::string_view line, std::vector<float>& values, std::string_view& wrong) {
  while (true) {
    const std::size_t comma = line.find(',');
    const std::string_view field = trimmed(line.substr(0, comma));
    double value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    wrong = field;
    if (error != std::errc() || end != field.data() + field.size()) return false;
    values.push_back(static_cast<float>(value));
    if (comma == std::string_view::npos) return true;
    line.remove_prefix(comma + 1);
  }
}

Tensor load_csv(const std::string& path) {
  const files::InputFile file(path);
  const std::string content = file.read_at(0, file.size());
  std::string_view text = content, wrong;
  std::vector<float> values;
  Dim rows = 0, columns = 0;
  for (Dim number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    const auto before = static_cast<Dim>(values.size());
    if (!parse_row(line, values, wrong)) {
      require<ValueError>(number == 1, "csv", path, " line ", number, ": expected numbers, received '", wrong, "'.");
      values.clear();  // headings
      continue;
    }
    const Dim found = static_cast<Dim>(values.size()) - before;
    if (rows == 0) columns = found;
    require<ValueError>(found == columns, "csv", path, " line ", number, ": expected ", columns, " numbers, received ",
                        found, '.');
    ++rows;
  }
  require<ValueError>(rows > 0, "csv", path, " holds no numbers.");
  return Tensor::from_span<float>(values, {rows, columns});
}

Tensors named(const Arrays& arrays) {
  std::vector<Tensors::Named> list(arrays.begin(), arrays.end());
  return Tensors(std::move(list));
}

void save_npy(const std::string& path, const Tensor& array) {
  files::AtomicFile file(path);
  files::OutputFile out(file.path());
  out.write(saving::npy_header(array.dtype(), array.shape(), path));
  out.write(saving::content_of(array, path));
  out.close();
  file.commit();
}

void save_csv(const std::string& path, const Tensor& array) {
  const std::vector<double> values = array.to_vector<double>();
  const std::size_t rows = array.rank() == 0 ? 1 : static_cast<std::size_t>(array.shape()[0]);
  const std::size_t columns = rows == 0 ? 0 : values.size() / rows;
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    char number[32];
    // The fewest digits that read back: of the type that the array has.
    const auto end = array.dtype() == DType::float32
                         ? std::to_chars(number, number + sizeof number, static_cast<float>(values[i])).ptr
                         : std::to_chars(number, number + sizeof number, values[i]).ptr;
    text.append(number, end);
    text += (i + 1) % columns == 0 ? '\n' : ',';
  }
  files::AtomicFile file(path);
  files::OutputFile out(file.path());
  out.write(text);
  out.close();
  file.commit();
}

Arrays by_name(const Tensors& arrays) {
  Arrays result;
  for (std::size_t i = 0; i < arrays.size(); ++i)
    if (const std::string name = arrays.names().empty() ? "arr_" + std::to_string(i) : arrays.names()[i];
        !result.emplace(name, arrays[i]).second)
      fail<ValueError>("save_arrays", "Two arrays are called '", name, "'. Expected names that differ.");
  return result;
}

constexpr const char* kKnown = "Expected .npy, .npz, .safetensors or .csv.";

}  // namespace

Tensors load_arrays(const std::string& path) {
  if (path.ends_with(".npy")) return load_npy(path);
  if (path.ends_with(".npz")) return named(saving::load_npz(path));
  if (path.ends_with(".safetensors")) return named(saving::load_safetensors(path));
  if (path.ends_with(".csv")) return load_csv(path);
  fail<ValueError>("load_arrays", "The suffix of '", path, "' is not known. ", kKnown);
}

Tensor load_array(const std::string& path) {
  const Tensors arrays = load_arrays(path);
  require<ValueError>(arrays.size() == 1, "load_array", "Expected one array in '", path, "', received ", arrays.size(),
                      ". Hint: load_arrays() gives all, by name.");
  return arrays[0];
}

void save_arrays(const std::string& path, const Tensors& arrays) {
  if (path.ends_with(".npz")) return saving::save_npz(path, by_name(arrays));
  if (path.ends_with(".safetensors")) return saving::save_safetensors(path, by_name(arrays));
  require<ValueError>(path.ends_with(".npy") || path.ends_with(".csv"), "save_arrays", "The suffix of '", path,
                      "' is not known. ", kKnown);
  require<ValueError>(arrays.size() == 1, "save_arrays", "A ", path.substr(path.size() - 4),
                      " file holds one array, received ", arrays.size(), ". Hint: .npz holds several.");
  path.ends_with(".npy") ? save_npy(path, arrays[0]) : save_csv(path, arrays[0]);
}

}  // namespace kerata::utils
