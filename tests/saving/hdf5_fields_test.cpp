// Fields of valid HDF5 files (the seeds of the fuzzer, by h5py) set to values that Keras never writes: each is refused
// by name.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kerata/core/error.h"
#include "saving/hdf5_checksum.h"
#include "saving/hdf5_files.h"
#include "support/errors.h"

namespace kerata {
namespace {

using saving::Hdf5Reader;
using namespace std::string_literals;

struct Patch {
  std::size_t place;
  std::string bytes;
};

struct FieldCase {
  const char* seed;
  std::vector<Patch> patches;
  const char* text;  // of the error, behind the file's name
};

std::string seed(const char* name) { return bytes_of_file(KERATA_SOURCE_DIR "/tests/fuzz/corpus/hdf5_walk/"s + name); }

/// Makes the checksums of all object headers of version 2 right again.
void seal(std::string& bytes) {
  for (std::size_t at = bytes.find("OHDR"); at != std::string::npos; at = bytes.find("OHDR", at + 4)) {
    const auto flags = static_cast<unsigned char>(bytes[at + 5]);
    const std::size_t width = std::size_t{1} << (flags & 3);
    const std::size_t size_at = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
    std::size_t size = size_at + width - at;
    for (std::size_t i = 0; i < width; ++i)
      size += static_cast<std::size_t>(static_cast<unsigned char>(bytes[size_at + i])) << 8 * i;
    const std::uint32_t sum = saving::hdf5::lookup3(std::string_view(bytes).substr(at, size));
    for (std::size_t i = 0; i < 4; ++i) bytes[at + size + i] = static_cast<char>(sum >> 8 * i);
  }
}

std::string patched(const char* name, const std::vector<Patch>& patches) {
  std::string bytes = seed(name);
  for (const Patch& patch : patches) bytes.replace(patch.place, patch.bytes.size(), patch.bytes);
  seal(bytes);
  return bytes;
}

// Offsets of the seeds. plain: shape of x 0x338, type 0x368, fill value 0x388, layout 0x398; chunked: filters 0x398,
// layout 0x3d8, first key of the chunks 0x590; texts: messages of the root 0x320; latest: link info of the root 0x4b,
// group info 0x5d, link 0x63, an empty message 0x73.
const std::vector<FieldCase>& field_cases() {
  static const std::string no_addresses(16, '\xff');
  static const std::vector<FieldCase> cases = {
      {"plain", {{0x338, "\3"}}, "x: a shape of an unknown kind."},
      {"plain", {{0x33a, "\2"}}, "x: a shape of an unknown kind."},
      {"latest", {{0xd2, "\0"s}}, "a/b/0: a scalar with axes, or an array without."},
      {"plain", {{0x368, "\x10\x08\0\0\3\0\0\0\0\0\x18\0"s}}, "x: integers of 3 bytes. Expected 1, 2, 4 or 8."},
      {"types", {{0x37d, "\2"}}, "bool: a bool with other values than 0 and 1."},
      {"texts", {{0x351, "\x31"}}, "the root group: attribute text: a text of unknown padding or character set."},
      {"plain", {{0x388, "\4"}}, "x: a fill value of version 4. Expected 1 to 3."},
      {"plain", {{0x389, "\4"}}, "x: a fill value of an unknown kind."},
      {"latest", {{0x110, "\x4a"}}, "a/b/0: a fill value of an unknown kind."},
      {"plain", {{0x398, "\2"}}, "x: a layout of version 2. Expected 3 or 4."},
      {"chunked", {{0x3d9, "\1"}}, "x: filters on data that is not chunked."},
      {"chunked", {{0x3a0, "\1"}}, "x: data with filters in an unusual order."},
      {"chunked", {{0x3a4, "\2"}}, "x: a filter with unusual parameters."},
      {"chunked", {{0x3c8, "\x0a"}}, "x: a filter with unusual parameters."},
      {"chunked", {{0x3e3, "\0"s}}, "x: chunks of a wrong size."},
      {"chunked", {{0x3eb, "\x08"}}, "x: chunks of another element size than the data's."},
      {"chunked", {{0x5a8, "\1"}}, "x: a chunk's key of an unknown kind."},
      {"texts", {{0x340, "\4"}}, "the root group: an attribute of version 4. Expected 1 to 3."},
      {"latest_texts", {{0x85, "\2"}}, "the root group: an attribute's name of unknown character set."},
      {"latest_texts", {{0xc0, "text"}}, "the root group: the same attribute twice."},
      {"latest", {{0x4b, "\1"}}, "the root group: an info message of an unknown kind."},
      {"latest", {{0x67, "\2"}}, "the root group: a link message of an unknown kind."},
      {"latest", {{0x68, "\x10\2"}}, "the root group: a link's name of unknown character set."},
      {"latest", {{0x6a, "\0"s}}, "the root group: a link's name with a zero in it."},
      {"latest",
       {{0x73, "\6\x0c\0\0\1\0\1a\xcf\1\0\0\0\0\0\0\0\x38\0\0"s}},
       "the root group: two links of the name a."},
      {"latest", {{0x5d, "\x12"}}, "the root group: a message that is cut off."},
      {"plain", {{0x70, "\0"s}}, "the root group: neither a group nor a data set."},
      {"latest", {{0x5d, "\5"}}, "the root group: neither a group nor a data set."},
      {"plain", {{0x448, "\1"}}, "x: neither a group nor a data set."},
      {"texts", {{0x338, "\2"}, {0x340, "\0\0"s + no_addresses}}, "the root group: a group with two tables of names."},
      {"texts",
       {{0x338, "\6"}, {0x340, "\1\0\1a\0\0\0\0\0\0\0\0"s}},
       "the root group: links in a group of the old form."},
  };
  return cases;
}

TEST(Hdf5Fields, SealingChangesNothingInAValidFile) {
  for (const char* name : {"plain", "types", "texts", "chunked", "latest", "latest_texts"}) {
    EXPECT_EQ(patched(name, {}), seed(name)) << name;
    const TemporaryFolder folder;
    EXPECT_NO_THROW(Hdf5Reader({.path = folder.write("a.h5", seed(name))})) << name;
  }
}

TEST(Hdf5Fields, UnknownValuesAreRefusedByName) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.h5");
  for (const FieldCase& each : field_cases()) {
    SCOPED_TRACE(each.text);
    folder.write("a.h5", patched(each.seed, each.patches));
    EXPECT_ERROR(ValueError, Hdf5Reader({.path = path}), "[HDF5] " + path + ": " + each.text);
  }
}

TEST(Hdf5Fields, AFileThatChangesWhileItIsRead) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.h5", seed("plain"));
  const Hdf5Reader changed({.path = path});
  folder.write("a.h5", patched("plain", {{0x368, "\x10\x08\0\0\2\0\0\0\0\0\x10\0"s}, {0x3a2, "\x0c"}}));
  EXPECT_ERROR(ValueError, changed.read("x"), "[HDF5] " + path + ": x: changed while it was read.");

  folder.write("a.h5", seed("plain"));
  const Hdf5Reader cut({.path = path});
  std::filesystem::resize_file(path, 0x800);
  EXPECT_ERROR_WITH(ValueError, cut.read("x"), "[HDF5] " + path + ": x: cannot be read: ");
}

}  // namespace
}  // namespace kerata
