// PathFormat: a path with fields in Python's form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kerata/models/callback.h"

namespace kerata::training {

/// How a number is written: [[fill]align][sign][0][width][.precision][type] of Python's format language; without the
/// grouping of digits and the other bases.
struct NumberFormat {
  char fill = ' ', align = '>', sign = '-';
  int width = 0, precision = -1;
  char type = 0;  // d, e, E, f, F, g, G, %, or none
};

/// Throws ValueError naming `where` for what Python's format() would refuse, too.
NumberFormat parse_number_format(std::string_view text, std::string_view where);
std::string format_integer(const NumberFormat& format, long long value, std::string_view where);
std::string format_number(const NumberFormat& format, double value, std::string_view where);

/// "{epoch:02d}-{val_loss:.2f}.keras": fields between braces, doubled braces for single ones.
class PathFormat {
 public:
  /// Throws ValueError naming `where` for fields that are not understood.
  PathFormat(std::string_view text, std::string_view where);
  /// The text outside of the fields.
  std::string literals() const;
  /// `epoch` and `batch` as given (batch is a field only when there is one), else by name from the logs. Throws
  /// ValueError for a name that is not there.
  std::string fill(int epoch, std::optional<int> batch, const Logs& logs) const;

 private:
  struct Part {
    std::string literal, name;  // the text before the field; an empty name: no field follows
    NumberFormat format;
  };
  Part read_field(std::string_view field) const;
  std::string text_, where_;
  std::vector<Part> parts_;
};

}  // namespace kerata::training
