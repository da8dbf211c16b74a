#include "saving/safetensors.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/require.h"
#include "files/atomic_file.h"
#include "files/file_io.h"
#include "saving/json.h"
#include "saving/tensor_bytes.h"

namespace kerata::saving {
namespace {

constexpr std::uint64_t kLengthBytes = 8, kLargestHeader = std::uint64_t{16} << 20, kAlignment = 8;
constexpr std::string_view kMetadata = "__metadata__";
constexpr std::pair<std::string_view, DType> kTypes[] = {
    {"F32", DType::float32}, {"F64", DType::float64}, {"F16", DType::float16}, {"BF16", DType::bfloat16},
    {"I8", DType::int8},     {"I16", DType::int16},   {"I32", DType::int32},   {"I64", DType::int64},
    {"U8", DType::uint8},    {"BOOL", DType::boolean}};

struct Entry {
  std::string name;
  DType dtype = DType::float32;
  Shape shape;
  std::uint64_t begin = 0, end = 0;  // from the end of the header
};

/// Checks of one entry of the header.
class EntryReader {
 public:
  EntryReader(const std::string& path, const std::string& name, const Config& config)
      : place_(path + ": " + name), config_(config), entry_{name, {}, {}, 0, 0} {}

  Entry read() {
    check(config_.is_object() && config_.as_object().size() == 3, " must have dtype, shape and data_offsets.");
    entry_.dtype = dtype();
    const std::vector<Dim> sizes = integers("shape");
    const std::uint64_t bytes = array_bytes(sizes, entry_.dtype, "safetensors", place_);
    entry_.shape = Shape(sizes);
    const std::vector<Dim> offsets = integers("data_offsets");
    check(offsets.size() == 2 && offsets[0] >= 0 && offsets[0] <= offsets[1],
          " has damaged data_offsets. Expected a begin and an end.");
    entry_.begin = static_cast<std::uint64_t>(offsets[0]);
    entry_.end = static_cast<std::uint64_t>(offsets[1]);
    check(entry_.end - entry_.begin == bytes, " has another size than its shape says. Expected ", bytes,
          " bytes for shape ", entry_.shape, ", received ", entry_.end - entry_.begin, ".");
    return entry_;
  }

 private:
  template <class... Parts>
  void check(bool ok, const Parts&... parts) const {
    require<ValueError>(ok, "safetensors", place_, parts...);
  }
  const Config& member(const char* key) const {
    const Config* found = config_.find(key);
    check(found != nullptr, " must have dtype, shape and data_offsets.");
    return *found;
  }
  DType dtype() const {
    const Config& text = member("dtype");
    check(text.is_text(), " has a dtype that is no text.");
    for (const auto& [name, dtype] : kTypes)
      if (name == text.as_text()) return dtype;
    fail<ValueError>(
        "safetensors", place_,
        " has elements of a type that Kerata lacks. Expected one of F32, F64, F16, BF16, I8, I16, I32, I64, "
        "U8, BOOL, received ",
        text.as_text(), ".");
  }
  std::vector<Dim> integers(const char* key) const {
    const Config& list = member(key);
    check(list.is_list(), " has a ", key, " that is no list.");
    std::vector<Dim> values;
    for (const Config& value : list.as_list()) {
      check(value.is_integer(), " has a ", key, " that is no list of integers.");
      values.push_back(value.as_integer());
    }
    return values;
  }

  std::string place_;
  const Config& config_;
  Entry entry_;
};

/// The entries in the order of their bytes, which must follow each other without a hole and fill the file.
std::vector<Entry> read_entries(const Config& header, const std::string& path, std::uint64_t data_bytes) {
  require<ValueError>(header.is_object(), "safetensors", path, " has a header that is no JSON object.");
  std::vector<Entry> entries;
  for (const auto& [name, config] : header.as_object())
    if (name != kMetadata) entries.push_back(EntryReader(path, name, config).read());
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  std::uint64_t end = 0;
  for (const Entry& entry : entries) {
    require<ValueError>(entry.begin == end, "safetensors", path, ": ", entry.name,
                        entry.begin < end ? " overlaps with another tensor" : " lies behind a hole",
                        ". Expected it to begin at byte ", end, ", received ", entry.begin, ".");
    end = entry.end;
  }
  require<ValueError>(end == data_bytes, "safetensors", path, " has another size than its header says. Expected ", end,
                      " bytes of tensors, received ", data_bytes, ".");
  return entries;
}

Config entry_config(const Tensor& tensor, std::uint64_t begin, std::uint64_t bytes) {
  Config::List shape;
  for (const Dim size : tensor.shape()) shape.emplace_back(size);
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [&](const auto& known) { return known.second == tensor.dtype(); });
  return Config::Object{{"dtype", std::string(type->first)},
                        {"shape", std::move(shape)},
                        {"data_offsets", Config::List{begin, begin + bytes}}};
}

using NamedTensor = std::map<std::string, Tensor>::value_type;

/// Larger elements first, so that each lies at a multiple of its size; then by name.
std::vector<const NamedTensor*> in_file_order(const std::map<std::string, Tensor>& tensors, const std::string& path) {
  std::vector<const NamedTensor*> ordered;
  for (const NamedTensor& named : tensors) {
    require<ValueError>(named.first != kMetadata, "safetensors", path, ": a tensor must not be called ", named.first,
                        ".");
    ordered.push_back(&named);
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const NamedTensor* a, const NamedTensor* b) {
    return size_of(a->second.dtype()) > size_of(b->second.dtype());
  });
  return ordered;
}

}  // namespace

std::map<std::string, Tensor> load_safetensors(const std::string& path) {
  const files::InputFile file(path);
  require<ValueError>(file.size() >= kLengthBytes, "safetensors", path, " is no safetensors file: only ", file.size(),
                      " bytes long.");
  std::uint64_t length = 0;
  file.read_at(0, &length, kLengthBytes);
  const std::uint64_t most = std::min(kLargestHeader, file.size() - kLengthBytes);
  require<ValueError>(length <= most, "safetensors", path,
                      " is no safetensors file, or it is damaged: it declares a header of ", length,
                      " bytes. Expected at most ", most, ".");
  const std::string text = file.read_at(kLengthBytes, static_cast<std::size_t>(length));
  require<ValueError>(text.starts_with('{'), "safetensors", path,
                      " is no safetensors file: its header does not begin with {.");
  const std::uint64_t start = kLengthBytes + length;
  std::map<std::string, Tensor> tensors;
  for (const Entry& entry : read_entries(parse_json(text, path), path, file.size() - start)) {
    const Tensor tensor = concrete({entry.dtype, entry.shape});
    char* bytes = mutable_data<char>(tensor);
    file.read_at(start + entry.begin, bytes, static_cast<std::size_t>(entry.end - entry.begin));
    if (entry.dtype == DType::boolean)  // any other byte would be no bool
      std::transform(bytes, bytes + (entry.end - entry.begin), bytes, [](char byte) { return byte != 0; });
    tensors.emplace(entry.name, tensor);
  }
  return tensors;
}

void save_safetensors(const std::string& path, const std::map<std::string, Tensor>& tensors,
                      const std::map<std::string, std::string>& metadata) {
  Config::Object header;
  if (!metadata.empty()) header.emplace_back(kMetadata, Config::Object(metadata.begin(), metadata.end()));
  const std::vector<const NamedTensor*> ordered = in_file_order(tensors, path);
  std::uint64_t end = 0;
  for (const NamedTensor* named : ordered) {
    const std::uint64_t bytes = content_of(named->second, path + ": " + named->first).size();
    header.emplace_back(named->first, entry_config(named->second, end, bytes));
    end += bytes;
  }
  std::string text = to_json(Config(std::move(header)));
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  require<ValueError>(text.size() <= kLargestHeader, "safetensors", path, " would have a header of ", text.size(),
                      " bytes. Expected at most ", kLargestHeader, ".");
  files::AtomicFile file(path);
  files::OutputFile output(file.path());
  const std::uint64_t length = text.size();
  output.write(&length, kLengthBytes);
  output.write(text);
  for (const NamedTensor* named : ordered) output.write(content_of(named->second, named->first));
  output.close();
  file.commit();
}

}  // namespace kerata::saving
