#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "kerata/core/error.h"
#include "saving/zip_file.h"
#include "support/errors.h"
#include "support/zip_bytes.h"

namespace kerata {
namespace {

using saving::ZipReader;
using saving::ZipStream;
using saving::ZipWriter;
using testing::ElementsAre;

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> names_of(const ZipReader& archive) {
  std::vector<std::string> names;
  for (const saving::ZipMember& member : archive.members()) names.push_back(member.name);
  return names;
}

class Zip : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }
  /// Reads every member through.
  static std::vector<std::string> read_all(const std::string& path) {
    const ZipReader archive(path);
    std::vector<std::string> contents;
    for (const saving::ZipMember& member : archive.members()) contents.push_back(archive.read(member, 1 << 20));
    return contents;
  }
  TemporaryFolder folder_;
};

const std::string kText = "some text that is some text that is long enough to be packed, some text that is";

TEST_F(Zip, ReadsStoredAndDeflatedMembers) {
  const std::string path = folder_.write("a.zip", zip({stored("one.txt", kText), deflated("folder/two.txt", kText)}));
  const ZipReader archive(path);
  EXPECT_EQ(archive.path(), path);
  EXPECT_THAT(names_of(archive), ElementsAre("one.txt", "folder/two.txt"));
  ASSERT_NE(archive.find("one.txt"), nullptr);
  EXPECT_TRUE(archive.find("one.txt")->stored);
  EXPECT_FALSE(archive.find("folder/two.txt")->stored);
  EXPECT_EQ(archive.find("two.txt"), nullptr);
  for (const saving::ZipMember& member : archive.members()) {
    EXPECT_EQ(member.size, kText.size());
    EXPECT_EQ(archive.read(member, kText.size()), kText);
    archive.verify(member);
    archive.extract(member, at("unpacked"));
    EXPECT_EQ(content_of(at("unpacked")), kText);
  }
}

TEST_F(Zip, TellsWhereStoredDataLie) {
  const std::string bytes = zip({stored("first", "1234"), stored("second", kText)});
  const ZipReader archive(folder_.write("a.zip", bytes));
  EXPECT_EQ(bytes.substr(archive.find("second")->data_offset, kText.size()), kText);
}

TEST_F(Zip, StreamsInPieces) {
  const ZipReader archive(folder_.write("a.zip", zip({deflated("a", kText), stored("b", kText)})));
  for (const saving::ZipMember& member : archive.members()) {
    ZipStream stream(archive, member);
    std::string head(4, ' '), rest(kText.size() - 4, ' ');
    stream.read(head.data(), head.size());
    stream.read(rest.data(), rest.size());
    stream.finish();
    EXPECT_EQ(head + rest, kText);
    ZipStream early(archive, member);
    early.read(head.data(), head.size());
    EXPECT_ERROR_WITH(ValueError, early.finish(), " holds 75 bytes more than expected.");
    EXPECT_ERROR_WITH(ValueError, early.read(rest.data(), 1000),
                      " ends too early. Expected 1000 bytes after byte 4, received 75.");
  }
}

TEST_F(Zip, ReadsSizesBehindTheData) {
  for (const int width : {4, 8}) {
    for (const std::string& mark : {little(0x08074b50, 4), std::string()}) {
      ZipMember member = deflated("a", kText);
      member.flags = 8;
      member.local_checksum = member.local_packed = member.local_unpacked = 0;
      member.descriptor =
          mark + little(member.checksum, 4) + little(member.packed_size, width) + little(member.unpacked_size, width);
      EXPECT_THAT(read_all(folder_.write("a.zip", zip({member, stored("b", "x")}))), ElementsAre(kText, "x"));
    }
  }
}

TEST_F(Zip, ReadsTheLongFormOfSizes) {
  ZipMember member = stored("a", kText);
  const std::uint64_t size = member.packed_size;
  member.packed_size = member.unpacked_size = 0xffffffff;
  member.offset = 0xffffffff;
  member.local_extra =
      little(0x7075, 2) + little(2, 2) + "up" + little(1, 2) + little(16, 2) + little(size, 8) + little(size, 8);
  member.extra = little(1, 2) + little(24, 2) + little(size, 8) + little(size, 8) + little(0, 8);
  const std::string bytes = zip({member}, [](ZipEnd& end) {
    end.before = little(0x06064b50, 4) + little(44, 8) + little(45, 4) + little(0, 8) + little(1, 8) + little(1, 8) +
                 little(end.size, 8) + little(end.offset, 8) + little(0x07064b50, 4) + little(0, 4) +
                 little(end.offset + end.size, 8) + little(1, 4);
    end.count = 0xffff;
    end.size = end.offset = 0xffffffff;
  });
  EXPECT_THAT(read_all(folder_.write("a.zip", bytes)), ElementsAre(kText));
}

TEST_F(Zip, ReadsEveryFormThatPythonWrites) {
  std::set<std::string> forms;
  for (const auto& entry : std::filesystem::directory_iterator(KERATA_SOURCE_DIR "/tests/fuzz/corpus/zip")) {
    const ZipReader archive(entry.path().string());
    forms.insert(entry.path().filename().string());
    for (const saving::ZipMember& member : archive.members()) {
      EXPECT_EQ(archive.read(member, 1000), member.name == "config.json" ? "{}" : kText) << entry.path();
    }
  }
  EXPECT_EQ(forms, (std::set<std::string>{"comment", "deflated", "empty", "folder", "long_form", "stored", "stream"}));
}

TEST_F(Zip, PassesOverFoldersAndComments) {
  ZipMember folder = stored("assets/", "");
  folder.attributes = 040755u << 16;
  ZipMember file = stored("assets/a", kText);
  file.attributes = 0100644u << 16;
  const ZipReader archive(folder_.write(
      "a.zip", zip({folder, file}, [](ZipEnd& end) { end.comment = "a comment PK\x05\x06 of somebody"; })));
  EXPECT_THAT(names_of(archive), ElementsAre("assets/a"));
}

TEST_F(Zip, WritesWhatItReads) {
  folder_.write("file", std::string(1 << 20, 'f'));
  for (const std::uint64_t limit : {0xffffffffu, 0u, 50u}) {
    ZipWriter writer(at("a.keras"), limit);
    writer.add("metadata.json", kText);
    writer.add("empty", "");
    writer.add("assets/größe.txt", "1");
    writer.add_file("big", at("file"));
    writer.close();
    const ZipReader archive(at("a.keras"));
    EXPECT_THAT(names_of(archive), ElementsAre("metadata.json", "empty", "assets/größe.txt", "big"));
    EXPECT_THAT(read_all(at("a.keras")), ElementsAre(kText, "", "1", std::string(1 << 20, 'f'))) << limit;
    for (const saving::ZipMember& member : archive.members()) EXPECT_TRUE(member.stored);
  }
}

TEST_F(Zip, WritesTheSameBytesForTheSameContent) {
  const auto write = [&](const std::string& name) {
    ZipWriter writer(at(name));
    writer.add("a", kText);
    writer.close();
    return content_of(at(name));
  };
  EXPECT_EQ(write("one"), write("two"));
}

TEST_F(Zip, WritesAnEmptyArchive) {
  ZipWriter(at("a.zip")).close();
  EXPECT_TRUE(ZipReader(at("a.zip")).members().empty());
}

TEST_F(Zip, WriterRefusesWrongNames) {
  ZipWriter writer(at("a.zip"));
  writer.add("a", "");
  EXPECT_ERROR(ValueError, writer.add("a", ""), "[zip] " + at("a.zip") + ": a is added twice.");
  EXPECT_ERROR(ValueError, writer.add("../b", ""),
               "[zip] " + at("a.zip") + ": ../b is no name for a member: it leads out of the archive.");
  EXPECT_ERROR(ValueError, writer.add("b/", ""),
               "[zip] " + at("a.zip") + ": b/ is no name for a member: it is a folder.");
}

TEST_F(Zip, NamesFilesThatCannotBeReadOrWritten) {
  EXPECT_ERROR(BackendError, ZipReader(at("none.zip")),
               "[saving] Cannot open " + at("none.zip") + ": No such file or directory.");
  EXPECT_ERROR(BackendError, ZipReader(folder_.path().string()),
               "[saving] Cannot read " + folder_.path().string() + ": it is a folder.");
  EXPECT_ERROR(BackendError, ZipReader("/dev/null"), "[saving] Cannot read /dev/null: it is no regular file.");
  EXPECT_ERROR(BackendError, ZipWriter(at("none/a.zip")),
               "[saving] Cannot write " + at("none/a.zip") + ": No such file or directory.");
}

}  // namespace
}  // namespace kerata
