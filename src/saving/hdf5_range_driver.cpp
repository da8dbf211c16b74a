// Source: HDF5 "Virtual File Layer"; the class of a driver grew members in 1.12 and 1.14.
#include "saving/hdf5_range_driver.h"

#include <memory>

namespace kerata::saving::hdf5 {
namespace {

/// What a file access list carries for the driver.
struct Setting {
  const Hdf5Bytes* bytes;
};

struct RangeFile {
  H5FD_t base{};  // first: the library sees only this
  const Hdf5Bytes* bytes = nullptr;
  haddr_t end_of_addresses = 0;
};

RangeFile* as_range(H5FD_t* file) { return reinterpret_cast<RangeFile*>(file); }
const RangeFile* as_range(const H5FD_t* file) { return reinterpret_cast<const RangeFile*>(file); }

H5FD_t* open_file(const char*, unsigned flags, hid_t access_list, haddr_t) {
  const auto* setting = static_cast<const Setting*>(H5Pget_driver_info(access_list));
  if (!setting || flags & H5F_ACC_RDWR) return nullptr;
  auto file = std::make_unique<RangeFile>();
  file->bytes = setting->bytes;
  return &file.release()->base;
}

herr_t close_file(H5FD_t* file) {
  std::unique_ptr<RangeFile>(as_range(file)).reset();
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = 0;
  return 0;
}

haddr_t get_eoa(const H5FD_t* file, H5FD_mem_t) { return as_range(file)->end_of_addresses; }

herr_t set_eoa(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  as_range(file)->end_of_addresses = end;
  return 0;
}

haddr_t get_eof(const H5FD_t* file, H5FD_mem_t) { return as_range(file)->bytes->size(); }

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* to) {
  return as_range(file)->bytes->read(address, size, to) ? 0 : -1;
}

herr_t write(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, size_t, const void*) { return -1; }

hid_t register_driver() {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 13, 0)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(H5_VFD_RESERVED + 0x4b);  // of those left to applications
#endif
  driver.name = "kerata_range";
  driver.maxaddr = static_cast<haddr_t>(INT64_MAX);
  driver.fc_degree = H5F_CLOSE_STRONG;
  driver.fapl_size = sizeof(Setting);
  driver.open = open_file;
  driver.close = close_file;
  driver.query = query;
  driver.get_eoa = get_eoa;
  driver.set_eoa = set_eoa;
  driver.get_eof = get_eof;
  driver.read = read;
  driver.write = write;
  for (H5FD_mem_t& map : driver.fl_map) map = H5FD_MEM_SUPER;
  return H5FDregister(&driver);
}

}  // namespace

herr_t use_range_driver(hid_t access_list, const Hdf5Bytes& bytes) {
  static const hid_t driver = register_driver();
  const Setting setting{&bytes};
  return driver < 0 ? -1 : H5Pset_driver(access_list, driver, &setting);
}

}  // namespace kerata::saving::hdf5
