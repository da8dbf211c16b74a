// A walk through the structure of an HDF5 file, before the HDF5 library sees it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "saving/hdf5_messages.h"

namespace kerata::saving::hdf5 {

/// What a path leads to.
struct Object {
  bool is_group = true;
  std::vector<std::string> children;  // names, of a group
  Type type{Element::float32, 4};     // of a data set
  Shape shape;
  std::map<std::string, Attribute> attributes;  // by name
};

/// All objects by path ("layers/dense/vars/0"); "" is the root.
using Index = std::map<std::string, Object>;

/// Reads every structure and refuses what Keras never writes: links out of the group tree, data in other files, types
/// that are no numbers, and whatever is inconsistent: loops, blocks that overlap or leave the file, shapes without
/// data. The HDF5 library trusts most of these. Work and memory are bounded by the file's size. Source: HDF5 File
/// Format Specification 3.0. Throws ValueError naming file and path.
Index walk(const Hdf5Bytes& bytes);

}  // namespace kerata::saving::hdf5
