#include "saving/hdf5_walk.h"

#include <algorithm>
#include <optional>
#include <set>

#include "saving/hdf5_groups.h"
#include "saving/hdf5_header.h"

namespace kerata::saving::hdf5 {
namespace {

constexpr std::size_t kMostObjects = 200'000, kDeepest = 100;

class Walk {
 public:
  explicit Walk(const Hdf5Bytes& bytes) : file_(bytes), heaps_(file_) {}

  Index run() {
    pending_.push_back({"", read_superblock(), 0});
    while (!pending_.empty()) {
      const Pending next = std::move(pending_.back());
      pending_.pop_back();
      file_.place = (next.path.empty() ? "the root group" : next.path) + ": ";
      file_.expect(next.depth <= kDeepest, "groups nested ", next.depth, " levels deep. Expected at most ", kDeepest,
                   ".");
      visit(next);
    }
    return std::move(index_);
  }

 private:
  struct Pending {
    std::string path;
    Link link;
    std::size_t depth;
  };
  /// The messages of one object by type; those that may come once.
  struct Parts {
    std::optional<std::string_view> shape, type, layout, filters, fill_value, old_fill_value, symbol_table, link_info;
    bool is_ordered = false;
  };

  Link read_superblock();
  Link read_old_superblock(std::uint64_t version);
  void visit(const Pending& pending);
  void take(const Message& message, const ObjectHeader& header, Parts& parts, Object& object, std::vector<Link>& links);
  void check_dataset(const Parts& parts, Object& object);
  void add_links(const Pending& group, std::vector<Link> links, Object& object);

  Inspection file_;
  GlobalHeaps heaps_;
  TreeRanks ranks_;
  std::vector<Pending> pending_;
  Index index_;
  std::size_t num_objects_ = 1;
};

Link Walk::read_superblock() {
  file_.expect(file_.end() >= 48, "not an HDF5 file: ", file_.end(), " bytes.");
  const std::string start = file_.peek(0, 48, "the superblock");
  Fields fields(file_, start, "the superblock");
  file_.expect(fields.take(8) == std::string_view("\x89HDF\r\n\x1a\n", 8),
               "not an HDF5 file: the signature is missing.");
  const std::uint64_t version = fields.number(1);
  file_.expect(version <= 3, "a superblock of version ", version, ". Expected 0 to 3.");
  if (version < 2) return read_old_superblock(version);
  file_.check_sum(start, "the superblock");
  const std::uint64_t address_bytes = fields.number(1), length_bytes = fields.number(1), flags = fields.number(1);
  file_.expect(address_bytes == 8 && length_bytes == 8,
               "a superblock with addresses or sizes that do not have 8 bytes.");
  file_.expect(flags == 0, "a file that is being written, or was not closed.");
  file_.expect(fields.address() == 0, "a file with other data in front of it.");
  file_.expect(fields.address() == kUndefined, "an extension of the superblock, which Keras never writes.");
  file_.set_end(fields.number(8));
  file_.claim(0, 48, "the superblock");
  Link root;
  root.address = fields.address();
  return root;
}

Link Walk::read_old_superblock(std::uint64_t version) {
  const std::uint64_t size = version == 0 ? 96 : 100;
  const std::string block = file_.peek(0, size, "the superblock");
  Fields fields(file_, block, "the superblock");
  fields.take(9);
  const std::uint64_t space_version = fields.number(1), root_version = fields.number(1);
  fields.take(1);
  const std::uint64_t shared_version = fields.number(1), address_bytes = fields.number(1),
                      length_bytes = fields.number(1);
  fields.take(1);
  file_.expect(space_version == 0 && root_version == 0 && shared_version == 0, "a superblock of an unknown kind.");
  file_.expect(address_bytes == 8 && length_bytes == 8,
               "a superblock with addresses or sizes that do not have 8 bytes.");
  ranks_.symbols = fields.number(2);
  ranks_.groups = fields.number(2);
  file_.expect(fields.number(4) == 0, "a superblock with unknown flags.");
  if (version == 1) {
    ranks_.chunks = fields.number(2);
    fields.take(2);
  }
  file_.expect(ranks_.symbols > 0 && ranks_.groups > 0 && ranks_.chunks > 0,
               "a superblock that leaves B-trees without children.");
  file_.expect(fields.address() == 0, "a file with other data in front of it.");
  file_.expect(fields.address() == kUndefined, "a list of free space, which Keras never writes.");
  file_.set_end(fields.number(8));
  file_.expect(fields.address() == kUndefined,
               "a file in several parts (driver information), which Keras never writes.");
  file_.claim(0, size, "the superblock");
  fields.take(8);  // where the name lies; the root has none
  return read_symbol(file_, fields, "");
}

void Walk::visit(const Pending& pending) {
  if (!pending.link.foreign.empty()) file_.refuse(pending.link.foreign, ", which Keras never writes.");
  const ObjectHeader header = read_header(file_, pending.link.address);
  Parts parts;
  Object object;
  std::vector<Link> links;
  for (const Message& message : header.messages) take(message, header, parts, object, links);
  object.is_group = parts.symbol_table || parts.link_info;
  const bool is_dataset = parts.layout || parts.shape || parts.type;
  file_.expect(object.is_group != is_dataset, "neither a group nor a data set.");
  if (object.is_group) {
    file_.expect(!parts.symbol_table || !parts.link_info, "a group with two tables of names.");
    file_.expect(parts.link_info || links.empty(), "links in a group of the old form.");
    file_.expect(!parts.filters && !parts.fill_value && !parts.old_fill_value, "neither a group nor a data set.");
    if (parts.symbol_table) {
      const SymbolTable table = read_symbol_table_message(file_, *parts.symbol_table);
      file_.expect(!pending.link.cached || *pending.link.cached == table, "a symbol table with two addresses.");
      links = read_links(file_, table, ranks_);
    } else {
      std::sort(links.begin(), links.end(), [&](const Link& a, const Link& b) {
        return parts.is_ordered && a.order != b.order ? a.order < b.order : a.name < b.name;
      });
    }
    add_links(pending, std::move(links), object);
  } else {
    file_.expect(!pending.link.cached && links.empty(), "neither a group nor a data set.");
    check_dataset(parts, object);
  }
  index_.emplace(pending.path, std::move(object));
}

void Walk::take(const Message& message, const ObjectHeader& header, Parts& parts, Object& object,
                std::vector<Link>& links) {
  const auto once = [&](std::optional<std::string_view>& part) {
    file_.expect(!part, "two messages of type ", static_cast<int>(message.type), ". Expected one.");
    part = message.content;
  };
  switch (message.type) {
    case MessageType::dataspace:
      return once(parts.shape);
    case MessageType::datatype:
      return once(parts.type);
    case MessageType::layout:
      return once(parts.layout);
    case MessageType::filters:
      return once(parts.filters);
    case MessageType::fill_value:
      return once(parts.fill_value);
    case MessageType::old_fill_value:
      return once(parts.old_fill_value);
    case MessageType::symbol_table:
      file_.expect(header.version == 1, "a symbol table in a header of version 2.");
      return once(parts.symbol_table);
    case MessageType::link_info:
      once(parts.link_info);
      parts.is_ordered = check_info_message(file_, message.content, false);
      return;
    case MessageType::attribute_info:
      check_info_message(file_, message.content, true);
      return;
    case MessageType::link:
      links.push_back(read_link_message(file_, message.content));
      return;
    case MessageType::attribute: {
      Attribute attribute = read_attribute(file_, heaps_, message.content);
      const std::string name = attribute.name;
      file_.expect(object.attributes.emplace(name, std::move(attribute)).second, "the same attribute twice.");
      return;
    }
    case MessageType::group_info:
    case MessageType::modification_time: {
      const std::size_t least = message.type == MessageType::group_info ? 2 : 8;
      file_.expect(message.content.size() >= least, "a message that is cut off.");
      return;
    }
    case MessageType::external_files:
      file_.refuse("data in other files (external storage), which Keras never writes.");
    default:
      file_.refuse("a message of type ", static_cast<int>(message.type), ", which Keras never writes.");
  }
}

void Walk::check_dataset(const Parts& parts, Object& object) {
  file_.expect(parts.shape && parts.type && parts.layout, "a data set without shape, type or layout.");
  object.type = read_type(file_, *parts.type);
  file_.expect(!object.type.is_text(), "a data set of texts. Expected numbers.");
  object.shape = read_shape(file_, *parts.shape);
  if (parts.fill_value) check_fill_value(file_, *parts.fill_value, false, object.type);
  if (parts.old_fill_value) check_fill_value(file_, *parts.old_fill_value, true, object.type);
  const Filters filters = parts.filters ? read_filters(file_, *parts.filters) : Filters{};
  check_layout(file_, *parts.layout, object.type, object.shape, filters, ranks_.chunks);
}

void Walk::add_links(const Pending& group, std::vector<Link> links, Object& object) {
  num_objects_ += links.size();
  file_.expect(num_objects_ <= kMostObjects, "more than ", kMostObjects, " groups and data sets.");
  std::set<std::string> names;
  for (Link& link : links) {
    const std::string& name = link.name;
    file_.expect(is_plain(name) && name != "." && name.find('/') == std::string::npos,
                 "a name that is empty, too long, \".\" or holds a slash or a control character.");
    file_.expect(names.insert(name).second, "two links of the name ", name, ".");
    object.children.push_back(name);
    std::string path = group.path.empty() ? name : group.path + "/" + name;
    pending_.push_back({std::move(path), std::move(link), group.depth + 1});
  }
}

}  // namespace

Index walk(const Hdf5Bytes& bytes) { return Walk(bytes).run(); }

}  // namespace kerata::saving::hdf5
