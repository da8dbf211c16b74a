// The exceptions of the library: who is to blame decides the type.
#pragma once

#include <stdexcept>
#include <string>

#pragma GCC visibility push(default)

namespace kerata {

/// Base of everything the library throws. The text reads "[where] What. Expected X, received Y. Hint: fix.";
/// layers add their name and input shape on the way out. Control characters in it, as of names in a file, stand as
/// \x1b.
class Error : public std::exception {
 public:
  explicit Error(std::string text);
  ~Error() override;
  const char* what() const noexcept override { return text_.c_str(); }
  /// Adds one indented line of context; used as catch, add, `throw;`.
  void add_context(const std::string& line);

 private:
  std::string text_;
};

/// A rank or a size does not fit.
class ShapeError final : public Error {
 public:
  using Error::Error;
  ~ShapeError() override;
};
/// An argument is out of its range, or a name is unknown.
class ValueError final : public Error {
 public:
  using Error::Error;
  ~ValueError() override;
};
/// Something was called at the wrong time: not built, not compiled, symbolic, in use by another thread.
class StateError final : public Error {
 public:
  using Error::Error;
  ~StateError() override;
};
/// A library or device below failed (oneDNN, CUDA, a file of a data set).
class BackendError final : public Error {
 public:
  using Error::Error;
  ~BackendError() override;
};

}  // namespace kerata

#pragma GCC visibility pop
