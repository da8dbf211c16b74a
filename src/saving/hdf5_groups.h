// The links of groups: symbol tables (as Keras writes) and link messages (HDF5's newer form).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "saving/hdf5_tree.h"

namespace kerata::saving::hdf5 {

/// Where the names of a group lie.
struct SymbolTable {
  std::uint64_t tree = kUndefined, heap = kUndefined;
  bool operator==(const SymbolTable&) const = default;
};

struct Link {
  std::string name;
  std::uint64_t address = kUndefined;  // of the object's header
  std::uint64_t order = 0;             // of creation, where a group tracks it
  std::optional<SymbolTable> cached;   // the library believes this copy of what the group's header says
  std::string foreign;                 // what it is when it leads out of the group tree; to be refused
};

SymbolTable read_symbol_table_message(const Inspection& file, std::string_view message);
/// The 32 bytes of an entry that follow its name.
Link read_symbol(const Inspection& file, Fields& fields, std::string name);
/// The links of a group, sorted by name.
std::vector<Link> read_links(Inspection& file, const SymbolTable& table, const TreeRanks& ranks);
Link read_link_message(const Inspection& file, std::string_view message);
/// Refuses links or attributes that are kept in a fractal heap. `with_attributes`: an attribute info message. True when
/// the order of creation is tracked.
bool check_info_message(Inspection& file, std::string_view message, bool with_attributes);

}  // namespace kerata::saving::hdf5
