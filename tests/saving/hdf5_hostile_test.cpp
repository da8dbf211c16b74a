// HDF5 files with features that Keras never uses, made by the HDF5 library itself: each is refused by name.
#include <gtest/gtest.h>
#include <hdf5.h>

#include <string>
#include <vector>

#include "kerata/core/error.h"
#include "saving/hdf5_files.h"
#include "support/errors.h"

namespace kerata {
namespace {

using saving::Hdf5Reader;

/// A file being made with the library; ids are closed with the file.
class HostileHdf5 : public testing::Test {
 protected:
  void create(bool newest_format = false, hid_t creation = H5P_DEFAULT) {
    if (file_ >= 0) H5Fclose(file_);
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    if (newest_format) H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    file_ = H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, creation, access);
    H5Pclose(access);
    ASSERT_GE(file_, 0);
  }
  void SetUp() override { create(); }

  static hid_t space(const std::vector<hsize_t>& sizes) {
    return H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr);
  }
  hid_t dataset(const char* name, hid_t type, const std::vector<hsize_t>& sizes, hid_t creation = H5P_DEFAULT) {
    const hid_t made = H5Dcreate2(file_, name, type, space(sizes), H5P_DEFAULT, creation, H5P_DEFAULT);
    EXPECT_GE(made, 0);
    return made;
  }
  /// With memory of zeros written to it.
  void written(const char* name, hid_t type, const std::vector<hsize_t>& sizes, hid_t creation = H5P_DEFAULT) {
    std::size_t bytes = H5Tget_size(type);
    for (const hsize_t size : sizes) bytes *= size;
    const std::vector<char> zeros(bytes);
    EXPECT_GE(H5Dwrite(dataset(name, type, sizes, creation), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros.data()), 0);
  }
  static hid_t chunks(const std::vector<hsize_t>& sizes) {
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, static_cast<int>(sizes.size()), sizes.data());
    return creation;
  }
  void expect_refused(const std::string& text) {
    ASSERT_GE(H5Fclose(file_), 0);
    EXPECT_ERROR(ValueError, Hdf5Reader({.path = path_}), "[HDF5] " + path_ + ": " + text);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.file("hostile.h5");
  hid_t file_ = -1;
};

TEST_F(HostileHdf5, SoftLink) {
  H5Lcreate_soft("/etc", file_, "x", H5P_DEFAULT, H5P_DEFAULT);
  expect_refused("x: a soft link, which Keras never writes.");
}

TEST_F(HostileHdf5, SoftLinkOfTheNewForm) {
  create(true);
  H5Lcreate_soft("/etc", file_, "x", H5P_DEFAULT, H5P_DEFAULT);
  expect_refused("x: a soft link, which Keras never writes.");
}

TEST_F(HostileHdf5, ExternalLink) {
  H5Lcreate_external("/etc/other.h5", "/x", file_, "x", H5P_DEFAULT, H5P_DEFAULT);
  expect_refused("x: an external link (to another file), which Keras never writes.");
}

TEST_F(HostileHdf5, UserDefinedLink) {
  const H5L_class_t link_class{H5L_LINK_CLASS_T_VERS,
                               static_cast<H5L_type_t>(70),
                               "own",
                               nullptr,
                               nullptr,
                               nullptr,
                               [](const char*, hid_t, const void*, size_t, hid_t, hid_t) -> hid_t { return -1; },
                               nullptr,
                               nullptr};
  ASSERT_GE(H5Lregister(&link_class), 0);
  ASSERT_GE(H5Lcreate_ud(file_, "x", static_cast<H5L_type_t>(70), "data", 4, H5P_DEFAULT, H5P_DEFAULT), 0);
  expect_refused("x: a user-defined link, which Keras never writes.");
}

TEST_F(HostileHdf5, SecondHardLink) {
  written("x", H5T_IEEE_F32LE, {2});
  H5Lcreate_hard(file_, "x", file_, "y", H5P_DEFAULT, H5P_DEFAULT);
  expect_refused("y: an object with 2 links to it. Expected 1.");
}

TEST_F(HostileHdf5, GroupThatHoldsItself) {
  const hid_t group = H5Gcreate2(file_, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_hard(file_, "a", group, "b", H5P_DEFAULT, H5P_DEFAULT);
  expect_refused("a: an object with 2 links to it. Expected 1.");
}

TEST_F(HostileHdf5, DataInAnotherFile) {
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(creation, "/etc/passwd", 0, 8);
  dataset("x", H5T_IEEE_F32LE, {2}, creation);
  expect_refused("x: data in other files (external storage), which Keras never writes.");
}

TEST_F(HostileHdf5, VirtualDataset) {
  create(true);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE), all = space({2});
  H5Pset_virtual(creation, all, "/etc/other.h5", "x", all);
  dataset("x", H5T_IEEE_F32LE, {2}, creation);
  expect_refused("x: a virtual data set (made of parts of other files), which Keras never writes.");
}

TEST_F(HostileHdf5, CompoundType) {
  const hid_t type = H5Tcreate(H5T_COMPOUND, 8);
  H5Tinsert(type, "a", 0, H5T_STD_I32LE);
  written("x", type, {2});
  expect_refused("x: data of type compound, which Keras never writes.");
}

TEST_F(HostileHdf5, ObjectReferences) {
  written("x", H5T_STD_REF_OBJ, {2});
  expect_refused("x: data of type reference, which Keras never writes.");
}

TEST_F(HostileHdf5, RegionReferenceInAnAttribute) {
  H5Acreate2(file_, "a", H5T_STD_REF_DSETREG, space({1}), H5P_DEFAULT, H5P_DEFAULT);
  expect_refused("the root group: attribute a: data of type reference, which Keras never writes.");
}

TEST_F(HostileHdf5, EnumerationThatIsNotBool) {
  const hid_t type = H5Tenum_create(H5T_STD_I8LE);
  const std::int8_t value = 1;
  H5Tenum_insert(type, "RED", &value);
  H5Tenum_insert(type, "TRUE", "\2");
  written("x", type, {2});
  expect_refused("x: an enumeration that is not bool, which Keras never writes.");
}

TEST_F(HostileHdf5, WideEnumeration) {
  const hid_t type = H5Tenum_create(H5T_STD_I64LE);
  const std::int64_t value = 1;
  H5Tenum_insert(type, "ONE", &value);
  written("x", type, {2});
  expect_refused("x: an enumeration, which Keras never writes (except for bool).");
}

TEST_F(HostileHdf5, ArrayType) {
  const hsize_t sizes[] = {3};
  written("x", H5Tarray_create2(H5T_IEEE_F32LE, 1, sizes), {2});
  expect_refused("x: data of type array, which Keras never writes.");
}

TEST_F(HostileHdf5, ListsOfVariableLength) {
  dataset("x", H5Tvlen_create(H5T_IEEE_F32LE), {2});
  expect_refused("x: lists of variable length, which Keras never writes.");
}

TEST_F(HostileHdf5, BitFields) {
  written("x", H5T_STD_B16LE, {2});
  expect_refused("x: data of type bit field, which Keras never writes.");
}

TEST_F(HostileHdf5, OpaqueData) {
  written("x", H5Tcreate(H5T_OPAQUE, 16), {2});
  expect_refused("x: opaque data of 16 bytes an element. Expected 2, as of bfloat16.");
}

TEST_F(HostileHdf5, RawBytesThatAreNoBfloat16) {
  written("x", H5Tcreate(H5T_OPAQUE, 2), {2});
  H5Fclose(file_);
  const Hdf5Reader reader({.path = path_});
  EXPECT_ERROR(ValueError, reader.read("x"),
               "[HDF5] " + path_ + ": x: raw bytes without an attribute dtype = \"bfloat16\".");
}

TEST_F(HostileHdf5, UnusualNumbers) {
  written("x", H5T_NATIVE_LDOUBLE, {2});
  expect_refused("x: a floating-point format of 16 bytes that is not one of float16, bfloat16, float32 and float64.");
}

TEST_F(HostileHdf5, IntegersWithUnusedBits) {
  const hid_t type = H5Tcopy(H5T_STD_I32LE);
  H5Tset_precision(type, 17);
  written("x", type, {2});
  expect_refused("x: integers with unused bits, which Keras never writes.");
}

TEST_F(HostileHdf5, TooLargeUnsignedValue) {
  const std::uint64_t value = ~std::uint64_t{0};
  H5Dwrite(dataset("x", H5T_STD_U64LE, {1}), H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value);
  H5Fclose(file_);
  EXPECT_ERROR(ValueError, Hdf5Reader({.path = path_}).read("x"),
               "[HDF5] " + path_ + ": x: a uint64 above the largest int64.");
}

TEST_F(HostileHdf5, NamedType) {
  H5Tcommit2(file_, "x", H5Tcopy(H5T_IEEE_F32LE), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  expect_refused("x: a data set without shape, type or layout.");
}

TEST_F(HostileHdf5, SharedType) {
  const hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tcommit2(file_, "z", type, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  written("z2", type, {2});
  expect_refused("z2: a shared message, which Keras never writes.");
}

TEST_F(HostileHdf5, ShapeWithoutData) {
  dataset("x", H5T_IEEE_F32LE, {1'000'000, 1'000'000});
  expect_refused("x: a declared shape of 4000000000000 bytes without any data.");
}

TEST_F(HostileHdf5, ChunksWithoutData) {
  dataset("x", H5T_IEEE_F32LE, {1'000'000, 1'000'000}, chunks({100, 100}));
  expect_refused("x: a declared shape of 4000000000000 bytes without any data.");
}

TEST_F(HostileHdf5, MissingChunks) {
  const hid_t x = dataset("x", H5T_IEEE_F32LE, {1'000'000, 1'000'000}, chunks({10, 10}));
  const hsize_t start[] = {0, 0}, one[] = {1, 1};
  const hid_t in_file = H5Dget_space(x);
  H5Sselect_hyperslab(in_file, H5S_SELECT_SET, start, nullptr, one, nullptr);
  const float value = 1;
  ASSERT_GE(H5Dwrite(x, H5T_NATIVE_FLOAT, space({1, 1}), in_file, H5P_DEFAULT, &value), 0);
  expect_refused("x: data of 1 chunks. Expected 10000000000 for its shape.");
}

TEST_F(HostileHdf5, CompressionBomb) {
  const hid_t creation = chunks({1 << 20});
  H5Pset_deflate(creation, 9);
  written("x", H5T_STD_U8LE, {std::size_t{300} << 20}, creation);
  ASSERT_GE(H5Fclose(file_), 0);
  const std::string size = std::to_string(std::filesystem::file_size(path_));
  EXPECT_ERROR(ValueError, Hdf5Reader({.path = path_}),
               "[HDF5] " + path_ + ": x: compressed data unpacks to 314572800 bytes, out of proportion to a file of " +
                   size + " bytes.");
}

TEST_F(HostileHdf5, OtherFilters) {
  const hid_t creation = chunks({2});
  H5Pset_fletcher32(creation);
  written("x", H5T_IEEE_F32LE, {2}, creation);
  expect_refused("x: data with filter 3. Expected deflate (1) or shuffle (2).");
}

TEST_F(HostileHdf5, ChunksOfTheNewForm) {
  create(true);
  written("x", H5T_IEEE_F32LE, {4}, chunks({2}));
  expect_refused("x: chunks with an index of HDF5 1.10, which Keras never writes.");
}

TEST_F(HostileHdf5, ManyLinksOfTheNewForm) {
  create(true);
  for (char name[] = "a"; name[0] < 'k'; ++name[0]) written(name, H5T_IEEE_F32LE, {1});
  expect_refused(
      "the root group: links in a fractal heap, which Keras never writes. Hint: write the file with h5py's default "
      "libver.");
}

TEST_F(HostileHdf5, ManyAttributesOfTheNewForm) {
  create(true);
  for (char name[] = "a"; name[0] < 'k'; ++name[0])
    H5Acreate2(file_, name, H5T_IEEE_F32LE, space({1}), H5P_DEFAULT, H5P_DEFAULT);
  expect_refused(
      "the root group: attributes in a fractal heap, which Keras never writes. Hint: write the file with h5py's "
      "default "
      "libver.");
}

TEST_F(HostileHdf5, TooManyAxes) {
  written("x", H5T_IEEE_F32LE, std::vector<hsize_t>(9, 1));
  expect_refused("x: a shape of 9 axes. Expected at most 8.");
}

TEST_F(HostileHdf5, EmptyDataSpace) {
  create(true);
  H5Acreate2(file_, "a", H5T_IEEE_F32LE, H5Screate(H5S_NULL), H5P_DEFAULT, H5P_DEFAULT);
  expect_refused("the root group: attribute a: an empty data space, which Keras never writes.");
}

TEST_F(HostileHdf5, DatasetOfTexts) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, 5);
  written("x", type, {2});
  expect_refused("x: a data set of texts. Expected numbers.");
}

TEST_F(HostileHdf5, Comment) {
  H5Oset_comment(file_, "comment");
  expect_refused("the root group: a message of type 13, which Keras never writes.");
}

TEST_F(HostileHdf5, UserBlock) {
  const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_userblock(creation, 512);
  create(false, creation);
  expect_refused("not an HDF5 file: the signature is missing.");
}

TEST_F(HostileHdf5, ExtensionOfTheSuperblock) {
  const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_file_space_strategy(creation, H5F_FSPACE_STRATEGY_PAGE, true, 1);
  create(true, creation);
  expect_refused("an extension of the superblock, which Keras never writes.");
}

TEST_F(HostileHdf5, DeepGroups) {
  std::string path;
  for (int i = 0; i < 101; ++i) {
    path += "/g";
    H5Gclose(H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  expect_refused(path.substr(1) + ": groups nested 101 levels deep. Expected at most 100.");
}

TEST_F(HostileHdf5, ControlCharacterInAName) {
  written("a\nb", H5T_IEEE_F32LE, {1});
  expect_refused("the root group: a name that is empty, too long, \".\" or holds a slash or a control character.");
}

TEST_F(HostileHdf5, ControlCharacterInTheNameOfAnAttribute) {
  H5Acreate2(file_, "a\nb", H5T_IEEE_F32LE, space({1}), H5P_DEFAULT, H5P_DEFAULT);
  expect_refused("the root group: an attribute whose name is empty, too long or holds a control character.");
}

}  // namespace
}  // namespace kerata
