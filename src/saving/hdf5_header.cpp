// Source: HDF5 File Format Specification 3.0, IV.A.1 "Data Object Header Prefix".
#include "saving/hdf5_header.h"

namespace kerata::saving::hdf5 {
namespace {

constexpr const char* kWhat = "an object header";

class HeaderReader {
 public:
  HeaderReader(Inspection& file, std::uint64_t address) : file_(file), address_(address) {}

  ObjectHeader read() {
    const std::string start = file_.peek(address_, 4, kWhat);
    if (start == "OHDR")
      read_version_2();
    else
      read_version_1();
    return std::move(header_);
  }

 private:
  struct Range {
    std::uint64_t address, size;
  };

  void read_version_1() {
    const std::string prefix = file_.peek(address_, 16, kWhat);
    Fields fields(file_, prefix, kWhat);
    const std::uint64_t version = fields.number(1);
    file_.expect(version == 1, "an object header of version ", version, ". Expected 1 or 2.");
    fields.take(1);
    const std::uint64_t count = fields.number(2), links = fields.number(4), size = fields.number(4);
    file_.expect(links == 1, "an object with ", links, " links to it. Expected 1.");
    add_block(file_.claimed(address_, 16 + size, kWhat), 16, 0);
    for (std::size_t i = 0; i < continuations_.size(); ++i)  // grows in the loop
      add_block(file_.claimed(continuations_[i].address, continuations_[i].size, kWhat), 0, 0);
    file_.expect(num_messages_ == count, "an object header with ", num_messages_, " messages. Expected ", count, ".");
  }

  void read_version_2() {
    header_.version = 2;
    const std::string start = file_.peek(address_, 6, kWhat);
    flags_ = static_cast<unsigned char>(start[5]);
    file_.expect(start[4] == 2 && flags_ < 0x40, "an object header of an unknown kind.");
    const std::uint64_t size_bytes = std::uint64_t{1} << (flags_ & 3);
    const std::uint64_t size_at = 6 + (flags_ & 0x20 ? 16 : 0) + (flags_ & 0x10 ? 4 : 0), prefix = size_at + size_bytes;
    const std::string size_field = file_.peek(address_ + size_at, size_bytes, kWhat);
    const std::uint64_t size = Fields(file_, size_field, kWhat).number(size_bytes);
    file_.expect(size <= kLargestBlock, kWhat, " is too large: ", size, " bytes.");
    add_block(file_.claimed(address_, prefix + size + 4, kWhat), prefix, 4);
    for (std::size_t i = 0; i < continuations_.size(); ++i) {
      const Range range = continuations_[i];
      const std::string block = file_.claimed(range.address, range.size, kWhat);
      Fields(file_, block, kWhat).signature("OCHK");
      add_block(block, 4, 4);
    }
  }

  /// The messages between the first `front` bytes and the last `back` (the checksum, if any).
  void add_block(std::string block, std::size_t front, std::size_t back) {
    file_.expect(block.size() >= front + back, kWhat, " is cut off.");
    if (back > 0) file_.check_sum(block, kWhat);
    header_.blocks.push_back(std::move(block));
    const std::string_view all = header_.blocks.back();
    Fields fields(file_, all.substr(front, all.size() - front - back), kWhat);
    const std::size_t message_header = header_.version == 1 ? 8 : flags_ & 4 ? 6 : 4;
    while (fields.left() >= message_header) add_message(fields);
    file_.expect(header_.version == 2 || fields.left() == 0, kWhat, " is cut off.");
  }

  void add_message(Fields& fields) {
    const std::uint64_t type = fields.number(header_.version == 1 ? 2 : 1), size = fields.number(2),
                        flags = fields.number(1);
    if (header_.version == 1)
      fields.take(3);
    else if (flags_ & 4)
      fields.take(2);  // creation order
    file_.expect(header_.version == 2 || size % 8 == 0, "a message of ", size, " bytes. Expected a multiple of 8.");
    file_.expect((flags & 2) == 0, "a shared message, which Keras never writes.");
    file_.expect((flags & ~std::uint64_t{5}) == 0, "a message with flags ", flags, ", which Keras never writes.");
    const Message message{static_cast<MessageType>(type), fields.take(size)};
    ++num_messages_;
    if (message.type == MessageType::continuation) {
      Fields content(file_, message.content, "a continuation message");
      const std::uint64_t address = content.address();
      continuations_.push_back({address, content.number(8)});
    } else if (message.type != MessageType::nil) {
      header_.messages.push_back(message);
    }
  }

  Inspection& file_;
  std::uint64_t address_;
  unsigned flags_ = 0;
  std::uint64_t num_messages_ = 0;
  ObjectHeader header_;
  std::vector<Range> continuations_;
};

}  // namespace

ObjectHeader read_header(Inspection& file, std::uint64_t address) { return HeaderReader(file, address).read(); }

}  // namespace kerata::saving::hdf5
