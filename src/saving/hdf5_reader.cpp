#include <algorithm>
#include <cstring>
#include <new>

#include "backend/buffer.h"
#include "core/convert.h"
#include "core/require.h"
#include "graph/node.h"
#include "saving/hdf5_range_driver.h"
#include "saving/hdf5_session.h"
#include "saving/hdf5_walk.h"

namespace kerata::saving {

using hdf5::check;
using hdf5::Element;
using hdf5::Id;
using hdf5::Session;

struct Hdf5Reader::State {
  explicit State(const Hdf5Source& source) : bytes(source), index(hdf5::walk(bytes)) {
    const Session session;
    const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    check<BackendError>(hdf5::use_range_driver(access, bytes), bytes.label(), "no file driver");
    file = Id(H5Fopen(source.path.c_str(), H5F_ACC_RDONLY, access), H5Fclose);
    check<ValueError>(file, bytes.label(), "cannot be opened");
  }
  ~State() {
    const Session session;
    file.close();
  }

  std::string place(const std::string& path) const {
    return bytes.label() + ": " + (path.empty() ? "the root group" : path);
  }
  const hdf5::Object* find(const std::string& path) const {
    const auto found = index.find(path);
    return found == index.end() ? nullptr : &found->second;
  }
  const hdf5::Object& at(const std::string& path, bool is_group) const {
    const hdf5::Object* object = find(path);
    require<ValueError>(object && object->is_group == is_group, "HDF5", bytes.label(), ": there is no ",
                        is_group ? "group " : "data set ", path, ".");
    return *object;
  }
  void read_raw(const std::string& path, const hdf5::Object& object, void* to) const;
  std::vector<std::string> texts(const std::string& path, const hdf5::Attribute& attribute) const;

  Hdf5Bytes bytes;
  hdf5::Index index;
  Id file;
};

namespace {

std::vector<std::string> fixed_texts(hid_t attribute, hid_t type, std::size_t count, const std::string& place) {
  const std::size_t size = H5Tget_size(type);
  std::string all(count * size, '\0');
  check<ValueError>(H5Aread(attribute, type, all.data()), place, "cannot be read");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = all.substr(i * size, size);
    texts.push_back(text.substr(0, text.find('\0')));
  }
  return texts;
}

std::vector<std::string> heap_texts(hid_t attribute, hid_t type, std::size_t count, const std::string& place) {
  const Id memory(H5Tcopy(H5T_C_S1), H5Tclose);  // of the same character set: the library converts none
  H5Tset_size(memory, H5T_VARIABLE);
  H5Tset_cset(memory, H5Tget_cset(type));
  std::vector<char*> pointers(count, nullptr);
  check<ValueError>(H5Aread(attribute, memory, pointers.data()), place, "cannot be read");
  std::vector<std::string> texts;
  for (const char* text : pointers) texts.emplace_back(text ? text : "");
  const Id space(H5Aget_space(attribute), H5Sclose);
  H5Dvlen_reclaim(memory, space, H5P_DEFAULT, pointers.data());
  return texts;
}

/// uint16 -> int32, uint32 -> int64.
template <class From, class To>
void widen(const void* from, void* to, std::size_t count) {
  std::copy_n(static_cast<const From*>(from), count, static_cast<To*>(to));
}

}  // namespace

void Hdf5Reader::State::read_raw(const std::string& path, const hdf5::Object& object, void* to) const {
  const auto count = static_cast<std::size_t>(object.shape.size());
  if (count == 0) return;
  {
    const Session session;
    const Id dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose);
    check<ValueError>(dataset, place(path), "cannot be opened");
    const Id stored(H5Dget_type(dataset), H5Tclose), memory(H5Tcopy(stored), H5Tclose);
    const H5T_class_t type_class = H5Tget_class(memory);
    if (type_class == H5T_INTEGER || type_class == H5T_FLOAT) H5Tset_order(memory, H5Tget_order(H5T_NATIVE_INT));
    require<ValueError>(H5Tget_size(memory) == object.type.size, "HDF5", place(path), ": changed while it was read.");
    check<ValueError>(H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, to), place(path), "cannot be read");
  }
  if (object.type.element == Element::boolean) {  // any other byte would be no bool
    auto* values = static_cast<std::uint8_t*>(to);
    std::for_each(values, values + count, [](std::uint8_t& value) { value = value != 0; });
  }
  if (object.type.element == Element::uint64) {
    const auto* values = static_cast<const std::int64_t*>(to);
    require<ValueError>(std::all_of(values, values + count, [](std::int64_t value) { return value >= 0; }), "HDF5",
                        place(path), ": a uint64 above the largest int64.");
  }
}

std::vector<std::string> Hdf5Reader::State::texts(const std::string& path, const hdf5::Attribute& attribute) const {
  const std::string where = place(path) + ": attribute " + attribute.name;
  const auto count = static_cast<std::size_t>(attribute.shape.size());
  if (count == 0) return {};  // an empty list has no type of its own: NumPy makes it float64
  require<ValueError>(attribute.type.is_text(), "HDF5", where, " is no text.");
  const Session session;
  const Id opened(
      H5Aopen_by_name(file, path.empty() ? "/" : path.c_str(), attribute.name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
      H5Aclose);
  check<ValueError>(opened, where, "cannot be opened");
  const Id type(H5Aget_type(opened), H5Tclose);
  const bool in_heap = attribute.type.element == Element::heap_text;
  require<ValueError>((H5Tis_variable_str(type) > 0) == in_heap, "HDF5", where, ": changed while it was read.");
  return in_heap ? heap_texts(opened, type, count, where) : fixed_texts(opened, type, count, where);
}

Hdf5Reader::Hdf5Reader(const Hdf5Source& source) : state_(std::make_unique<State>(source)) {}
Hdf5Reader::~Hdf5Reader() = default;
Hdf5Reader::Hdf5Reader(Hdf5Reader&&) noexcept = default;

bool Hdf5Reader::has_group(const std::string& path) const {
  const hdf5::Object* object = state_->find(path);
  return object && object->is_group;
}

bool Hdf5Reader::has_dataset(const std::string& path) const {
  const hdf5::Object* object = state_->find(path);
  return object && !object->is_group;
}

std::vector<std::string> Hdf5Reader::children(const std::string& group) const {
  return state_->at(group, true).children;
}

Hdf5Reader::Info Hdf5Reader::info(const std::string& dataset) const {
  const hdf5::Object& object = state_->at(dataset, false);
  require<ValueError>(object.type.element != Element::raw16 || text_attribute(dataset, "dtype") == "bfloat16", "HDF5",
                      state_->place(dataset), ": raw bytes without an attribute dtype = \"bfloat16\".");
  return {hdf5::dtype_of_element(object.type.element), object.shape};
}

Tensor Hdf5Reader::read(const std::string& dataset) const {
  const Info type = info(dataset);
  try {
    const Tensor result = concrete({type.dtype, type.shape});
    read_into(dataset, type.dtype, output_of(result).data());
    return result;
  } catch (const std::bad_alloc&) {
    fail<BackendError>("HDF5", state_->place(dataset), ": there is no memory for its shape ", type.shape, ".");
  }
}

void Hdf5Reader::read_into(const std::string& dataset, DType dtype, void* destination) const {
  const hdf5::Object& object = state_->at(dataset, false);
  const DType natural = info(dataset).dtype;
  const auto count = static_cast<std::size_t>(object.shape.size());
  const Element element = object.type.element;
  const bool is_widened = element == Element::uint16 || element == Element::uint32;
  if (dtype == natural && !is_widened) return state_->read_raw(dataset, object, destination);
  BufferPtr values = allocate(count * object.type.size);
  state_->read_raw(dataset, object, values->data());
  if (is_widened) {
    const BufferPtr wide = allocate(count * size_of(natural));
    (element == Element::uint16 ? widen<std::uint16_t, std::int32_t>
                                : widen<std::uint32_t, std::int64_t>)(values->data(), wide->data(), count);
    values = wide;
  }
  convert(values->data(), natural, destination, dtype, count);
}

std::optional<std::string> Hdf5Reader::text_attribute(const std::string& path, const std::string& name) const {
  auto texts = texts_attribute(path, name);
  if (!texts) return std::nullopt;
  require<ValueError>(texts->size() == 1, "HDF5", state_->place(path), ": attribute ", name, " holds ", texts->size(),
                      " texts. Expected one.");
  return std::move(texts->front());
}

std::optional<std::vector<std::string>> Hdf5Reader::texts_attribute(const std::string& path,
                                                                    const std::string& name) const {
  const hdf5::Object* object = state_->find(path);
  require<ValueError>(object != nullptr, "HDF5", state_->bytes.label(), ": there is no group or data set ", path, ".");
  const auto attribute = object->attributes.find(name);
  if (attribute != object->attributes.end()) return state_->texts(path, attribute->second);
  std::vector<std::string> joined;
  bool found = false;
  for (int part = 0;; ++part, found = true) {  // Keras splits long lists: name0, name1, ...
    const auto next = object->attributes.find(name + std::to_string(part));
    if (next == object->attributes.end()) break;
    for (std::string& text : state_->texts(path, next->second)) joined.push_back(std::move(text));
  }
  return found ? std::optional(std::move(joined)) : std::nullopt;
}

}  // namespace kerata::saving
