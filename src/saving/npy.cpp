#include "saving/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "core/require.h"
#include "graph/node.h"
#include "saving/tensor_bytes.h"

namespace kerata::saving {
namespace {

struct NpyHeader {
  DType dtype = DType::float32;
  bool big_endian = false;
  bool fortran_order = false;
  Shape shape;
  std::size_t data_bytes = 0;
};

constexpr std::string_view kMagic{"\x93NUMPY", 6};

/// The dictionary's tokens: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class Reader {
 public:
  Reader(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  bool take(char c) {
    skip_space();
    if (position_ >= text_.size() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) wrong(join_text("'", c, "'"));
  }
  std::string_view quoted() {
    skip_space();
    const char quote = position_ < text_.size() ? text_[position_] : '\0';
    const std::size_t end = quote == '\'' || quote == '"' ? text_.find(quote, position_ + 1) : std::string_view::npos;
    if (end == std::string_view::npos) wrong("a quoted word");
    const std::string_view word = text_.substr(position_ + 1, end - position_ - 1);
    position_ = end + 1;
    return word;
  }
  bool truth() {
    skip_space();
    for (std::string_view word : {"True", "False"}) {
      if (text_.substr(position_, word.size()) != word) continue;
      position_ += word.size();
      return word == "True";
    }
    wrong("True or False");
  }
  Dim size() {
    skip_space();
    Dim value = -1;
    const char* first = text_.data() + position_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error != std::errc() || value < 0) wrong("a size");
    position_ += static_cast<std::size_t>(end - first);
    return value;
  }
  [[noreturn]] void wrong(std::string_view expected) const {
    fail<ValueError>("npy", where_, " has a damaged .npy header at byte ", position_, " of its dictionary. Expected ",
                     std::string(expected), ".");
  }

 private:
  void skip_space() {
    while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\n')) ++position_;
  }
  std::string_view text_;
  const std::string& where_;
  std::size_t position_ = 0;
};

constexpr std::pair<std::string_view, DType> kTypes[] = {
    {"f4", DType::float32}, {"f8", DType::float64}, {"f2", DType::float16}, {"i1", DType::int8},   {"i2", DType::int16},
    {"i4", DType::int32},   {"i8", DType::int64},   {"u1", DType::uint8},   {"b1", DType::boolean}};

std::string descr_of(DType dtype, const std::string& where) {
  for (const auto& [name, known] : kTypes)
    if (known == dtype) return join_text(size_of(dtype) == 1 ? '|' : '<', name);
  fail<ValueError>("npy", where, " has no .npy form: NumPy lacks ", dtype,
                   ". Hint: save as .safetensors, or cast to float32.");
}

DType parse_descr(std::string_view descr, const std::string& where) {
  require<ValueError>(descr.find('O') == std::string_view::npos, "npy", where,
                      " holds Python objects (a pickle), which Kerata does not execute. Expected plain numbers.");
  if (descr.size() == 3 && std::string_view("<>|=").find(descr[0]) != std::string_view::npos) {
    for (const auto& [name, dtype] : kTypes) {
      if (descr.substr(1) == name) return dtype;
    }
  }
  fail<ValueError>("npy", where,
                   " has elements of a type that Kerata lacks. Expected one of f2, f4, f8, i1, i2, "
                   "i4, i8, u1, b1, received ",
                   std::string(descr), ".");
}

std::vector<Dim> parse_shape(Reader& reader) {
  std::vector<Dim> sizes;
  reader.expect('(');
  while (!reader.take(')')) {
    sizes.push_back(reader.size());
    if (!reader.take(',')) {
      reader.expect(')');
      break;
    }
  }
  return sizes;
}

/// `data` (shape reversed, row-major) -> row-major of `shape`.
Tensor reorder(const Tensor& data, const Shape& shape, std::size_t item) {
  const Tensor result = concrete({data.dtype(), shape});
  const char* source = mutable_data<char>(data);
  char* target = mutable_data<char>(result);
  const Dim rank = shape.rank(), count = shape.size();
  std::vector<Dim> index(static_cast<std::size_t>(rank)), stride(static_cast<std::size_t>(rank), 1);
  for (Dim axis = 1; axis < rank; ++axis) {
    stride[static_cast<std::size_t>(axis)] = stride[static_cast<std::size_t>(axis - 1)] * shape[axis - 1];
  }
  Dim from = 0;
  for (Dim to = 0; to < count; ++to) {
    std::memcpy(target + static_cast<std::size_t>(to) * item, source + static_cast<std::size_t>(from) * item, item);
    for (std::size_t axis = index.size(); axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < shape[static_cast<Dim>(axis)]) break;
      from -= stride[axis] * index[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/// Length of magic, version, length field and dictionary, from the first 12 bytes.
std::size_t npy_header_bytes(std::string_view bytes, const std::string& where) {
  require<ValueError>(bytes.size() >= 12 && bytes.substr(0, 6) == kMagic, "npy", where,
                      " is not an .npy array. Expected it to begin with \\x93NUMPY.");
  const int version = bytes[6];
  require<ValueError>(version >= 1 && version <= 3, "npy", where, " has .npy version ", version,
                      ". Expected 1, 2 or 3.");
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(bytes[i])}; };
  if (version == 1) return 10 + (byte(8) | byte(9) << 8);
  return 12 + (byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24);
}

NpyHeader parse_npy_header(std::string_view bytes, const std::string& where) {
  const std::size_t end = npy_header_bytes(bytes, where), start = bytes[6] == 1 ? 10 : 12;
  require<ValueError>(end <= bytes.size(), "npy", where, " has a damaged .npy header. Expected at most ", bytes.size(),
                      " bytes, received ", end, ".");
  Reader reader(bytes.substr(start, end - start), where);
  NpyHeader header;
  std::vector<Dim> sizes;
  bool has_descr = false, has_order = false, has_shape = false;
  reader.expect('{');
  while (!reader.take('}')) {
    const std::string_view key = reader.quoted();
    reader.expect(':');
    if (key == "descr" && !has_descr) {
      const std::string_view descr = reader.quoted();
      header.dtype = parse_descr(descr, where);
      header.big_endian = descr[0] == '>' && size_of(header.dtype) > 1;
      has_descr = true;
    } else if (key == "fortran_order" && !has_order) {
      header.fortran_order = reader.truth();
      has_order = true;
    } else if (key == "shape" && !has_shape) {
      sizes = parse_shape(reader);
      has_shape = true;
    } else {
      reader.wrong("each of descr, fortran_order and shape once");
    }
    if (!reader.take(',')) {
      reader.expect('}');
      break;
    }
  }
  if (!has_descr || !has_order || !has_shape) reader.wrong("descr, fortran_order and shape");
  header.data_bytes = static_cast<std::size_t>(array_bytes(sizes, header.dtype, "npy", where));
  header.shape = Shape(sizes);
  return header;
}

/// The array in row-major order and this machine's byte order; `data` holds the bytes as they lie in the file.
Tensor npy_in_order(const NpyHeader& header, const Tensor& data) {
  const std::size_t item = size_of(header.dtype);
  char* bytes = mutable_data<char>(data);
  if (header.big_endian) {
    for (std::size_t i = 0; i < header.data_bytes; i += item) std::reverse(bytes + i, bytes + i + item);
  }
  if (header.dtype == DType::boolean) {  // any other byte would be no bool
    for (std::size_t i = 0; i < header.data_bytes; ++i) bytes[i] = bytes[i] != 0;
  }
  return header.fortran_order && header.shape.rank() > 1 ? reorder(data, header.shape, item) : data;
}

}  // namespace

Tensor read_npy(std::uint64_t size, const std::string& where, const std::function<void(void*, std::size_t)>& read) {
  constexpr std::size_t kShortest = 12, kLongestHeader = std::size_t{1} << 20;
  require<ValueError>(size >= kShortest, "npy", where, " is too short for an .npy array.");
  std::string head(kShortest, '\0');
  read(head.data(), head.size());
  const std::size_t end = npy_header_bytes(head, where);
  require<ValueError>(end <= std::min<std::uint64_t>(size, kLongestHeader), "npy", where,
                      " has a damaged .npy header: it declares ", end, " bytes.");
  if (end > kShortest) {
    head.resize(end);
    read(head.data() + kShortest, end - kShortest);
  }
  const NpyHeader header = parse_npy_header(head, where);
  require<ValueError>(header.data_bytes == size - end, "npy", where,
                      " has another size than its header says. Expected ", header.data_bytes, " bytes for shape ",
                      header.shape, ", received ", size - end, ".");
  const Tensor data = concrete({header.dtype, header.shape});
  read(mutable_data<char>(data), header.data_bytes);
  return npy_in_order(header, data);
}

std::string npy_header(DType dtype, const Shape& shape, const std::string& where) {
  constexpr std::size_t kAlignment = 64, kFixed = 10, kGrowthDigits = 21;  // NumPy leaves room for a longer first axis
  std::string sizes;
  for (const Dim size : shape) sizes += join_text(sizes.empty() ? "" : ", ", size);
  if (shape.rank() == 1) sizes += ',';
  std::string text =
      join_text("{'descr': '", descr_of(dtype, where), "', 'fortran_order': False, 'shape': (", sizes, "), }");
  if (shape.rank() > 0) text.append(kGrowthDigits - std::to_string(shape[0]).size(), ' ');
  text.append(kAlignment - (kFixed + text.size() + 1) % kAlignment, ' ');
  text += '\n';
  std::string header(kMagic);
  header += {'\x01', '\0', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace kerata::saving
