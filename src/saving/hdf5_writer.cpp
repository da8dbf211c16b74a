#include <algorithm>
#include <set>

#include "graph/node.h"
#include "saving/hdf5_file.h"
#include "saving/hdf5_inspection.h"
#include "saving/hdf5_session.h"

namespace kerata::saving {

using hdf5::check;
using hdf5::Id;
using hdf5::Session;

namespace {

constexpr std::size_t kAttributeLimit = 64512;  // bytes of one attribute in Keras's legacy_h5_format

/// Creation properties under which equal content gives equal bytes: no times.
Id timeless(hid_t property_class) {
  Id properties(H5Pcreate(property_class), H5Pclose);
  H5Pset_obj_track_times(properties, false);
  return properties;
}

Id float16_type() {
  Id type(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

/// bfloat16 as h5py stores it.
Id opaque_type(std::size_t size) {
  Id type(H5Tcreate(H5T_OPAQUE, size), H5Tclose);
  H5Tset_tag(type, "");
  return type;
}

/// bool as h5py stores it.
Id boolean_type() {
  Id type(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
  for (const std::int8_t value : {0, 1}) H5Tenum_insert(type, value ? "TRUE" : "FALSE", &value);
  return type;
}

/// In the file and in memory alike: all are little-endian.
Id type_of_file(DType dtype) {
  const auto plain = [](hid_t type) { return Id(H5Tcopy(type), H5Tclose); };
  switch (dtype) {
    case DType::float32:
      return plain(H5T_IEEE_F32LE);
    case DType::float64:
      return plain(H5T_IEEE_F64LE);
    case DType::float16:
      return float16_type();
    case DType::bfloat16:
      return opaque_type(2);
    case DType::int8:
      return plain(H5T_STD_I8LE);
    case DType::int16:
      return plain(H5T_STD_I16LE);
    case DType::int32:
      return plain(H5T_STD_I32LE);
    case DType::int64:
      return plain(H5T_STD_I64LE);
    case DType::uint8:
      return plain(H5T_STD_U8LE);
    case DType::boolean:
      return boolean_type();
  }
  return {};
}

Id space_of(const Shape& shape) {
  if (shape.rank() == 0) return Id(H5Screate(H5S_SCALAR), H5Sclose);
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  return Id(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose);
}

}  // namespace

struct Hdf5Writer::State {
  explicit State(const std::string& file_path) : path(file_path) {
    const Session session;
    const Id creation = timeless(H5P_FILE_CREATE);
    file = Id(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT), H5Fclose);
    check<BackendError>(file, path, "cannot be created");
  }
  ~State() {
    const Session session;
    file.close();
  }

  /// Makes the groups on the way to `group` and itself; call it within a Session.
  void make_groups(const std::string& group) {
    for (std::size_t end = 0; end != std::string::npos && !group.empty();) {
      end = group.find('/', end + 1);
      const std::string part = group.substr(0, end);
      check_name(part);
      if (!groups.insert(part).second) continue;
      const Id creation = timeless(H5P_GROUP_CREATE);
      const Id made(H5Gcreate2(file, part.c_str(), H5P_DEFAULT, creation, H5P_DEFAULT), H5Gclose);
      check<BackendError>(made, path + ": " + part, "cannot be created");
    }
  }

  /// The last name of a path.
  void check_name(const std::string& object) const {
    const std::string name = object.substr(object.rfind('/') + 1);
    require<ValueError>(hdf5::is_plain(name) && name != ".", "HDF5", path, ": ", object,
                        " has a name that cannot be stored. Expected one without control characters, of at most ",
                        hdf5::kLongestName, " bytes.");
  }

  void attribute(const std::string& object, const std::string& name, hid_t type, hid_t space, const void* value) const {
    const std::string place = path + ": " + (object.empty() ? "the root group" : object) + ": attribute " + name;
    const Id made(H5Acreate_by_name(file, object.empty() ? "/" : object.c_str(), name.c_str(), type, space, H5P_DEFAULT,
                                    H5P_DEFAULT, H5P_DEFAULT),
                  H5Aclose);
    check<BackendError>(made, place, "cannot be created");
    if (value) check<BackendError>(H5Awrite(made, type, value), place, "cannot be written");
  }

  std::string path;
  Id file;
  std::set<std::string> groups;  // that are there
};

Hdf5Writer::Hdf5Writer(const std::string& path) : state_(std::make_unique<State>(path)) {}
Hdf5Writer::~Hdf5Writer() = default;

void Hdf5Writer::group(const std::string& path) {
  const Session session;
  state_->make_groups(path);
}

void Hdf5Writer::dataset(const std::string& path, const Tensor& value) {
  require<StateError>(!value.is_symbolic(), "HDF5", state_->path, ": ", path, " has no values: it is symbolic.");
  {
    const Session session;
    const std::size_t slash = path.rfind('/');
    if (slash != std::string::npos) state_->make_groups(path.substr(0, slash));
    state_->check_name(path);
    const std::string place = state_->path + ": " + path;
    const Id type = type_of_file(value.dtype()), space = space_of(value.shape()),
             creation = timeless(H5P_DATASET_CREATE);
    const Id made(H5Dcreate2(state_->file, path.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT), H5Dclose);
    check<BackendError>(made, place, "cannot be created");
    const herr_t written =
        value.size() ? H5Dwrite(made, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, output_of(value).data()) : 0;
    check<BackendError>(written, place, "cannot be written");
  }
  if (value.dtype() == DType::bfloat16) text_attribute(path, "dtype", "bfloat16");
}

void Hdf5Writer::text_attribute(const std::string& path, const std::string& name, const std::string& value) {
  require<ValueError>(value.find('\0') == std::string::npos, "HDF5", state_->path, ": attribute ", name,
                      " holds a zero byte, which HDF5 cannot store.");
  const Session session;
  const Id type(H5Tcopy(H5T_C_S1), H5Tclose), space = space_of({});
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const char* text = value.c_str();
  state_->attribute(path, name, type, space, &text);
}

void Hdf5Writer::texts_attribute(const std::string& path, const std::string& name,
                                 const std::vector<std::string>& values) {
  const Session session;
  std::size_t size = 1;
  for (const std::string& value : values) size = std::max(size, value.size());
  require<ValueError>(size <= kAttributeLimit, "HDF5", state_->path, ": attribute ", name, " holds a text of ", size,
                      " bytes. Expected at most ", kAttributeLimit, ".");
  if (values.empty()) {
    state_->attribute(path, name, H5T_IEEE_F64LE, space_of({0}), nullptr);
    return;
  }
  const Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, size);
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  // The fewest parts, equal but for one more text in the first ones: numpy.array_split as Keras calls it.
  std::size_t parts = 1;
  while ((values.size() + parts - 1) / parts * size > kAttributeLimit) ++parts;
  for (std::size_t part = 0, next = 0; part < parts; ++part) {
    const std::size_t count = values.size() / parts + (part < values.size() % parts);
    std::string all;
    for (std::size_t i = 0; i < count; ++i, ++next) all += values[next] + std::string(size - values[next].size(), '\0');
    const std::string part_name = parts > 1 ? name + std::to_string(part) : name;
    state_->attribute(path, part_name, type, space_of({static_cast<Dim>(count)}), all.data());
  }
}

void Hdf5Writer::close() {
  const Session session;
  check<BackendError>(state_->file.close(), state_->path, "cannot be written");
}

}  // namespace kerata::saving
