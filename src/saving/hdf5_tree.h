// B-trees of version 1: the index of a group's names, and of a data set's chunks.
#pragma once

#include <vector>

#include "saving/hdf5_inspection.h"

namespace kerata::saving::hdf5 {

/// Half the children of a node at most, by what the tree is for; newer superblocks leave it at these values.
struct TreeRanks {
  std::uint64_t symbols = 4, groups = 16, chunks = 32;
};

struct TreeKind {
  unsigned type = 0;  // 0: groups, 1: chunks
  std::size_t key_bytes = 0;
  std::uint64_t rank = 0;
};

/// What hangs below a node, with the keys on both sides.
struct TreeEntry {
  std::string left, right;
  std::uint64_t child;
};

/// All entries from left to right; `check_key` sees every key of every node. The library steps from a node to its
/// children and to its neighbours, so both ways must lead to the same nodes.
template <class CheckKey>
std::vector<TreeEntry> read_tree(Inspection& file, std::uint64_t root, const TreeKind& kind,
                                 const CheckKey& check_key) {
  const char* what = "a B-tree node";
  const std::uint64_t node_bytes = 24 + (2 * kind.rank + 1) * kind.key_bytes + 2 * kind.rank * 8;
  const std::string top = file.peek(root, 8, what);
  int level = static_cast<unsigned char>(top[5]);
  std::vector<std::uint64_t> nodes = {root};
  for (;; --level) {
    std::vector<TreeEntry> entries;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const std::string block = file.claimed(nodes[i], node_bytes, what);
      Fields fields(file, block, what);
      fields.signature("TREE");
      const std::uint64_t type = fields.number(1), node_level = fields.number(1), used = fields.number(2),
                          left = fields.address(), right = fields.address();
      file.expect(type == kind.type && node_level == static_cast<std::uint64_t>(level), "a B-tree node of type ", type,
                  " and level ", node_level, ". Expected ", kind.type, " and ", level, ".");
      file.expect(used <= 2 * kind.rank && (used > 0 || level == 0), "a B-tree node with ", used, " children.");
      file.expect(
          left == (i ? nodes[i - 1] : kUndefined) && right == (i + 1 < nodes.size() ? nodes[i + 1] : kUndefined),
          "a B-tree node with wrong neighbours.");
      const auto next_key = [&] {
        std::string key(fields.take(kind.key_bytes));
        check_key(key);
        return key;
      };
      std::string key_left = used > 0 ? next_key() : std::string();
      for (std::uint64_t child = 0; child < used; ++child) {
        const std::uint64_t address = fields.address();
        std::string key_right = next_key();
        entries.push_back({std::move(key_left), key_right, address});
        key_left = std::move(key_right);
      }
    }
    if (level == 0) return entries;
    nodes.clear();
    for (const TreeEntry& entry : entries) nodes.push_back(entry.child);
  }
}

}  // namespace kerata::saving::hdf5
