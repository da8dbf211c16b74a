#include "kerata/utils/text_file.h"

#include "files/atomic_file.h"

namespace kerata::utils {

void write_text(const std::string& path, std::string_view text) { files::write_atomically(path, text); }

}  // namespace kerata::utils
