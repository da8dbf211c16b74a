// How the HDF5 library is called: by one thread at a time, silent, without plugins, ids closed by themselves.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

#include "core/require.h"

namespace kerata::saving::hdf5 {

/// Held around every use of the library, which is not thread-safe as distributions build it. The library's own
/// printing of errors and its loading of plugins are off meanwhile, and then as the program had them.
class Session {
 public:
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
  unsigned plugins_ = 0;
};

/// An id of the library and the call that closes it.
class Id {
 public:
  using Close = herr_t (*)(hid_t);
  Id() = default;
  Id(hid_t id, Close close_call) : id_(id), close_(close_call) {}
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Id& operator=(Id&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Id() { close(); }
  /// Negative when closing failed (data could not be written).
  herr_t close() { return id_ < 0 ? 0 : close_(std::exchange(id_, -1)); }
  operator hid_t() const { return id_; }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// What the library said about the last failure: its innermost message.
std::string library_error();

/// Throws E "[HDF5] place: what: the library's message" when `result` is negative.
template <class E, class Result>
void check(const Result& result, const std::string& place, const char* what) {
  if (result < 0) [[unlikely]]
    fail<E>("HDF5", place, ": ", what, ": ", library_error(), ".");
}

}  // namespace kerata::saving::hdf5
