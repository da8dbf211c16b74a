// Source: HDF5 File Format Specification 3.0, III.A to III.C, IV.A.2.c and IV.A.2.g.
#include "saving/hdf5_groups.h"

#include "saving/hdf5_heap.h"

namespace kerata::saving::hdf5 {
namespace {

constexpr const char* kSoft = "a soft link";

void read_node(Inspection& file, const LocalHeap& heap, std::uint64_t address, std::uint64_t rank,
               std::vector<Link>& links) {
  const char* what = "a symbol table node";
  const std::string block = file.claimed(address, 8 + 2 * rank * 40, what);
  Fields fields(file, block, what);
  fields.signature("SNOD");
  const std::uint64_t version = fields.number(1);
  fields.take(1);
  const std::uint64_t used = fields.number(2);
  file.expect(version == 1 && used <= 2 * rank, "a symbol table node of version ", version, " with ", used,
              " entries.");
  for (std::uint64_t i = 0; i < used; ++i) {
    std::string name = heap.name(fields.number(8));
    links.push_back(read_symbol(file, fields, std::move(name)));
  }
}

}  // namespace

SymbolTable read_symbol_table_message(const Inspection& file, std::string_view message) {
  Fields fields(file, message, "a symbol table message");
  const std::uint64_t tree = fields.address();
  return {tree, fields.address()};
}

Link read_symbol(const Inspection& file, Fields& fields, std::string name) {
  enum { kNothing, kGroup, kSoftLink };
  Link link;
  link.name = std::move(name);
  link.address = fields.address();
  const std::uint64_t cached = fields.number(4);
  fields.take(4);
  const std::string_view scratch = fields.take(16);
  file.expect(cached <= kSoftLink, "a symbol table entry of unknown kind ", cached, ".");
  if (cached == kSoftLink) link.foreign = kSoft;
  if (cached == kGroup) link.cached = read_symbol_table_message(file, scratch);
  return link;
}

std::vector<Link> read_links(Inspection& file, const SymbolTable& table, const TreeRanks& ranks) {
  const LocalHeap heap(file, table.heap);
  const TreeKind kind{0, 8, ranks.groups};
  const auto name_of = [&](const std::string& key) { return heap.name(Fields(file, key, "a B-tree key").number(8)); };
  std::vector<Link> links;
  for (const TreeEntry& entry : read_tree(file, table.tree, kind, name_of)) {
    const std::size_t first = links.size();
    read_node(file, heap, entry.child, ranks.symbols, links);
    const bool fits =
        links.size() > first && name_of(entry.left) < links[first].name && links.back().name <= name_of(entry.right);
    file.expect(fits, "names that do not fit the keys of their B-tree.");
  }
  for (std::size_t i = 1; i < links.size(); ++i)
    file.expect(links[i - 1].name < links[i].name, "names that are not sorted, or twice the same.");
  return links;
}

Link read_link_message(const Inspection& file, std::string_view message) {
  enum { kHardLink = 0, kSoftLink = 1, kExternalLink = 64 };
  Fields fields(file, message, "a link message");
  const std::uint64_t version = fields.number(1), flags = fields.number(1);
  file.expect(version == 1 && flags < 0x20, "a link message of an unknown kind.");
  const std::uint64_t type = flags & 8 ? fields.number(1) : std::uint64_t{kHardLink};
  Link link;
  if (flags & 4) link.order = fields.number(8);
  if (flags & 16) file.expect(fields.number(1) <= 1, "a link's name of unknown character set.");
  const std::uint64_t length = fields.number(std::size_t{1} << (flags & 3));
  link.name = fields.take(length);
  file.expect(link.name.find('\0') == std::string::npos, "a link's name with a zero in it.");
  if (type == kHardLink)
    link.address = fields.address();
  else
    link.foreign = type == kSoftLink       ? kSoft
                   : type == kExternalLink ? "an external link (to another file)"
                                           : "a user-defined link";
  return link;
}

bool check_info_message(Inspection& file, std::string_view message, bool with_attributes) {
  Fields fields(file, message, "an info message");
  const std::uint64_t version = fields.number(1), flags = fields.number(1);
  file.expect(version == 0 && flags <= 3, "an info message of an unknown kind.");
  if (flags & 1) fields.take(with_attributes ? 2 : 8);  // the largest creation index
  const std::uint64_t heap = fields.address(), names = fields.address(),
                      order = flags & 2 ? fields.address() : kUndefined;
  file.expect(heap == kUndefined && names == kUndefined && order == kUndefined,
              with_attributes ? "attributes" : "links",
              " in a fractal heap, which Keras never writes. Hint: write the file with h5py's default libver.");
  return flags & 1;
}

}  // namespace kerata::saving::hdf5
