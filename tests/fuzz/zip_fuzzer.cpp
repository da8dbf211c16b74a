// Opens the bytes as a zip archive and reads every member: an Error is fine, anything else is a finding.
#include "fuzz/bytes_file.h"
#include "kerata/core/error.h"
#include "saving/zip_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kerata;
  const fuzz::BytesFile file(data, size);
  try {
    const saving::ZipReader archive(file.path());
    for (const saving::ZipMember& member : archive.members()) {
      if (archive.find(member.name) != &member) std::abort();
      if (member.stored && (member.data_offset > size || member.size > size - member.data_offset)) std::abort();
      try {
        archive.verify(member);
      } catch (const Error&) {
      }
    }
  } catch (const Error&) {
  }
  return 0;
}
