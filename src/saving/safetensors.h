// The safetensors format: a JSON header, and the arrays one after the other.
#pragma once

#include <map>
#include <string>

#include "kerata/graph/tensor.h"

namespace kerata::saving {

/// All tensors by name. The header may have 16 MiB; the arrays must fill the rest of the file without a hole or an
/// overlap, and have the size that their shape and type say; all of it is checked before memory is taken. Metadata is
/// passed over. Throws ValueError naming file and tensor, BackendError when the file cannot be read. Source:
/// huggingface.co/docs/safetensors.
std::map<std::string, Tensor> load_safetensors(const std::string& path);

/// Tensors by the size of their elements, the largest first, then by name; `metadata` as texts by name (left out when
/// empty). Throws ValueError for a header above 16 MiB, BackendError when the file cannot be written.
void save_safetensors(const std::string& path, const std::map<std::string, Tensor>& tensors,
                      const std::map<std::string, std::string>& metadata = {});

}  // namespace kerata::saving
