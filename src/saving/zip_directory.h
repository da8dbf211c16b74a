// The list of members of a zip archive, read and checked.
#pragma once

#include <vector>

#include "files/file_io.h"
#include "saving/zip_file.h"

namespace kerata::saving {

/// Everything that ZipReader checks before data is read. Folders are left out.
std::vector<ZipMember> read_zip_directory(const files::InputFile& file);

}  // namespace kerata::saving
