// Object headers: what a group or a data set consists of, as a list of messages.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "saving/hdf5_inspection.h"

namespace kerata::saving::hdf5 {

enum class MessageType : std::uint16_t {
  nil = 0x00,
  dataspace = 0x01,
  link_info = 0x02,
  datatype = 0x03,
  old_fill_value = 0x04,
  fill_value = 0x05,
  link = 0x06,
  external_files = 0x07,
  layout = 0x08,
  group_info = 0x0a,
  filters = 0x0b,
  attribute = 0x0c,
  continuation = 0x10,
  symbol_table = 0x11,
  modification_time = 0x12,
  attribute_info = 0x15
};

struct Message {
  MessageType type;
  std::string_view content;  // of a block of the header
};

struct ObjectHeader {
  unsigned version = 1;
  std::deque<std::string> blocks;  // the header and its continuations
  std::vector<Message> messages;   // continuations followed, empty ones left out
};

/// Reads versions 1 and 2. Refuses shared messages and second links to an object.
ObjectHeader read_header(Inspection& file, std::uint64_t address);

}  // namespace kerata::saving::hdf5
