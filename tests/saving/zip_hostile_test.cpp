// Archives that nobody writes by accident, and damaged ones: each is refused, and the message says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kerata/core/error.h"
#include "saving/zip_file.h"
#include "support/errors.h"
#include "support/zip_bytes.h"

namespace kerata {
namespace {

using saving::ZipReader;

const std::string kText = "some text that is some text that is long enough to be packed, some text that is";

class HostileZip : public testing::Test {
 protected:
  /// What opening and reading such a file says, without "[zip] ", the path and the ": " before a member's name.
  std::string error_of(const std::string& bytes) {
    const std::string path = folder_.write("hostile.zip", bytes);
    try {
      const ZipReader archive(path);
      for (const saving::ZipMember& member : archive.members()) archive.read(member, 1 << 20);
    } catch (const ValueError& error) {
      const std::string text = error.what(), start = "[zip] " + path;
      EXPECT_TRUE(text.starts_with(start)) << text;
      return text.substr(text.substr(start.size()).starts_with(": ") ? start.size() + 2 : start.size() + 1);
    }
    return "no error";
  }
  std::string error_of(const ZipMember& member) { return error_of(zip({member})); }
  template <class Change>
  std::string error_of(ZipMember member, Change change) {
    change(member);
    return error_of(zip({member, stored("other", kText)}));
  }
  TemporaryFolder folder_;
};

TEST_F(HostileZip, Names) {
  const std::pair<std::string, const char*> cases[] = {
      {"../a", "../a is no name for a member: it leads out of the archive."},
      {"a/../../b", "a/../../b is no name for a member: it leads out of the archive."},
      {"a/..", "a/.. is no name for a member: it leads out of the archive."},
      {"./a", "./a is no name for a member: it leads out of the archive."},
      {"a//b", "a//b is no name for a member: it leads out of the archive."},
      {"/etc/passwd", "/etc/passwd is no name for a member: it is absolute."},
      {"C:a", "C:a is no name for a member: it is absolute."},
      {"..\\a", "..\\a is no name for a member: it holds a backslash."},
      {std::string("a\0b", 3), "a?b is no name for a member: it holds control characters."},
      {"a\x1b[2J", "a?[2J is no name for a member: it holds control characters."},
      {"", " is no name for a member: it is empty."}};
  for (const auto& [name, message] : cases) EXPECT_EQ(error_of(stored(name, kText)), message);
  EXPECT_EQ(error_of(stored(std::string(5000, 'x'), kText)),
            std::string(200, 'x') + "... is no name for a member: it is longer than 4096 bytes.");
}

TEST_F(HostileZip, TwoMembersOfOneName) {
  EXPECT_EQ(error_of(zip({stored("config.json", "1"), stored("config.json", "2")})),
            "config.json stands in the archive twice.");
}

TEST_F(HostileZip, LinksAndSpecialFiles) {
  const auto of_type = [&](std::uint32_t type) {
    return error_of(stored("a", "/etc/passwd"), [=](ZipMember& m) { m.attributes = (type | 0644) << 16; });
  };
  EXPECT_EQ(of_type(0120000), "a is a symbolic link. Expected a file.");
  for (const std::uint32_t type : {0010000, 0020000, 0060000, 0140000, 0040000})
    EXPECT_EQ(of_type(type), "a is a special file. Expected an ordinary one.");
  EXPECT_EQ(error_of(stored("folder/", "text")), "folder/ is a folder with content. Expected none.");
}

TEST_F(HostileZip, EncryptedMembersAndUnknownMethods) {
  for (const std::uint64_t flags : {1u, 1u << 6, 1u << 13})
    EXPECT_EQ(error_of(stored("a", kText), [=](ZipMember& m) { m.flags = flags; }),
              "a is encrypted. Expected a stored or deflated member.");
  for (const int method : {1, 9, 12, 14, 93, 99})
    EXPECT_EQ(error_of(stored("a", kText), [=](ZipMember& m) { m.method = static_cast<std::uint64_t>(method); }),
              "a is compressed by method " + std::to_string(method) + ". Expected a stored or deflated member.");
}

TEST_F(HostileZip, Bombs) {
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.unpacked_size = 1 << 30; }),
            "a is stored with two sizes: 79 and 1073741824.");
  ZipMember lie = deflated("a", kText);
  lie.unpacked_size = 0xf0000000;
  const std::string packed = std::to_string(lie.packed_size);
  EXPECT_EQ(error_of(lie), "a declares 4026531840 bytes in " + packed + " compressed ones: no honest archive.");
  const ZipMember zeros = deflated("a", std::string(40 << 20, '\0'));
  std::vector<ZipMember> many{zeros, zeros};
  many[1].name = "b";
  EXPECT_EQ(error_of(zip(many)), "declares 83886080 bytes in " + std::to_string(2 * zeros.packed_size) +
                                     " compressed ones: no honest archive.");
}

TEST_F(HostileZip, OverlappingMembers) {
  ZipMember second = stored("b", kText);
  second.local_name = "a";
  second.offset = 0;
  EXPECT_EQ(error_of(zip({stored("b", kText), second})), "b stands in the archive twice.");
  // A member whose data hold another member.
  const std::string inner = zip({stored("b", kText)}).substr(0, 30 + 1 + kText.size());
  ZipMember hidden = stored("b", kText);
  hidden.offset = 31;
  const std::string bytes = zip({stored("a", inner), hidden});
  EXPECT_EQ(error_of(bytes), "a overlaps with b at byte 31: no honest archive.");
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.unpacked_size = m.packed_size = 150; }),
            "a overlaps with other at byte 110: no honest archive.");
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.unpacked_size = m.packed_size = 210; }),
            "a overlaps with the list of members.");
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.unpacked_size = m.packed_size = 1 << 20; }),
            "a reaches beyond the end of the file. Expected at most 224 bytes, received 1048576.");
}

TEST_F(HostileZip, OffsetsThatLeadElsewhere) {
  const auto at = [&](std::int64_t offset) {
    return error_of(stored("a", kText), [=](ZipMember& m) { m.offset = offset; });
  };
  EXPECT_EQ(at(5), "a is not at byte 5 as the list of members says.");
  EXPECT_EQ(at(200), "a does not lie in the archive. Expected an offset below 224, received 200.");
  EXPECT_EQ(at(0x7fffffff), "a does not lie in the archive. Expected an offset below 224, received 2147483647.");
}

TEST_F(HostileZip, TwoHeadersThatDisagree) {
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.local_name = "b"; }),
            "a has another name in front of its data: b.");
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.local_method = 8; }),
            "a has other flags or another method in front of its data.");
  const char* other_size = "a has another size or checksum in front of its data.";
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.local_unpacked = 5; }), other_size);
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.local_packed = 5; }), other_size);
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.local_checksum = 5; }), other_size);
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.local_packed = m.local_unpacked = 0; }), other_size);
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.local_packed = m.local_unpacked = 0xffffffff; }),
            other_size);
  EXPECT_EQ(error_of(stored("a", kText),
                     [](ZipMember& m) {
                       m.flags = 8;
                       m.descriptor = little(m.checksum, 4) + little(m.packed_size, 4) + little(7, 4);
                     }),
            "a has another size or checksum behind its data.");
}

TEST_F(HostileZip, EndRecordsThatLie) {
  const std::vector<ZipMember> members{stored("a", kText)};
  EXPECT_EQ(error_of(zip(members, [](ZipEnd& end) { end.disk = 1; })),
            "is a part of an archive in several files. Expected a whole one.");
  EXPECT_EQ(error_of(zip(members, [](ZipEnd& end) { end.offset -= 5; })),
            "has a damaged end record: its list of members lies elsewhere. Expected it to end at byte 157.");
  EXPECT_EQ(error_of(zip(members, [](ZipEnd& end) { end.offset = 0xfffffffe; })),
            "has a damaged end record: its list of members lies elsewhere. Expected it to end at byte 157.");
  EXPECT_EQ(error_of(zip(members, [](ZipEnd& end) { end.count = 60000; })),
            "lists 60000 members in 47 bytes, which do not fit in there.");
  EXPECT_EQ(error_of(zip(members, [](ZipEnd& end) { end.count = 0; })),
            "has a damaged list of members: it holds more than 0 of them.");
  EXPECT_EQ(error_of(zip({stored("a", ""), stored("b", "")}, [](ZipEnd& end) { end.size -= 1, end.offset += 1; })),
            "has a damaged list of members at byte 63.");
}

TEST_F(HostileZip, LongEndRecordsThatLie) {
  const auto with = [&](std::uint64_t count, std::uint64_t record_size, std::int64_t shift) {
    return error_of(zip({stored("a", kText)}, [=](ZipEnd& end) {
      end.before = little(0x06064b50, 4) + little(record_size, 8) + little(45, 4) + little(0, 8) + little(count, 8) +
                   little(count, 8) + little(end.size, 8) + little(end.offset, 8) + little(0x07064b50, 4) +
                   little(0, 4) + little(end.offset + end.size + static_cast<std::uint64_t>(shift), 8) + little(1, 4);
      end.size = end.offset = 0xffffffff;
    }));
  };
  EXPECT_EQ(with(1, 44, 0), "no error");
  EXPECT_EQ(with(2, 44, 0), "has two end records that do not agree.");
  EXPECT_EQ(with(1, 45, 0), "has a damaged zip64 end record.");
  EXPECT_EQ(with(1, 44, -1), "has a damaged zip64 end record.");
  EXPECT_EQ(with(1, 44, INT64_MAX - 1000), "has a damaged zip64 end record.");
}

TEST_F(HostileZip, LongSizesThatAreNotThere) {
  ZipMember member = stored("a", kText);
  member.unpacked_size = 0xffffffff;
  EXPECT_EQ(error_of(member), "has a damaged list of members at byte 110.");
  member.extra = little(1, 2) + little(100, 2) + little(kText.size(), 8);  // longer than the field
  EXPECT_EQ(error_of(member), "has a damaged list of members at byte 110.");
}

TEST_F(HostileZip, TooManyMembers) {
  const std::string rows = zip(std::vector<ZipMember>(1, stored("a", "")), [](ZipEnd& end) {
    end.before = little(0x06064b50, 4) + little(44, 8) + little(45, 4) + little(0, 8) + little(1u << 20, 8) +
                 little(1u << 20, 8) + little(end.size, 8) + little(end.offset, 8) + little(0x07064b50, 4) +
                 little(0, 4) + little(end.offset + end.size, 8) + little(1, 4);
    end.count = 0xffff;
  });
  EXPECT_EQ(error_of(rows), "lists 1048576 members in 47 bytes. Expected at most 100000 in 67108864 bytes.");
}

TEST_F(HostileZip, DamagedContent) {
  EXPECT_EQ(error_of(stored("a", kText), [](ZipMember& m) { m.packed[3] ^= 1; }),
            "a is damaged: its checksum does not agree with its content.");
  ZipMember cut = deflated("a", kText);
  cut.packed = cut.packed.substr(0, 8);
  cut.packed_size = 8;
  EXPECT_TRUE(error_of(cut).starts_with("a is damaged after byte ")) << error_of(cut);
  ZipMember shorter = deflated("a", kText.substr(0, 70));
  shorter.unpacked_size = 79;
  EXPECT_EQ(error_of(shorter), "a ends too early. Expected 79 bytes after byte 0, received 70.");
  ZipMember longer = deflated("a", kText);
  longer.unpacked_size = 70;
  EXPECT_EQ(error_of(longer), "a is longer than its header says. Expected 70 bytes.");
  ZipMember tail = deflated("a", kText);
  tail.packed += "tail";
  tail.packed_size += 4;
  EXPECT_EQ(error_of(tail), "a is longer than its header says. Expected 79 bytes.");
}

TEST_F(HostileZip, MembersAboveTheLimit) {
  const ZipReader archive(folder_.write("a.zip", zip({stored("a", kText)})));
  EXPECT_ERROR(ValueError, archive.read(*archive.find("a"), 78),
               "[zip] " + archive.path() + ": a is too large. Expected at most 78 bytes, received 79.");
}

TEST_F(HostileZip, OtherFilesAndEveryCut) {
  EXPECT_EQ(error_of("short"), "is not a zip archive: it is only 5 bytes long.");
  EXPECT_EQ(error_of(std::string(100000, 'x')), "is not a zip archive, or it is cut off: it has no end record.");
  const std::string whole = zip({stored("a", kText), deflated("b", kText)});
  EXPECT_EQ(error_of(whole), "no error");
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_NE(error_of(whole.substr(0, length)), "no error") << length;
}

TEST_F(HostileZip, EveryFlippedBit) {
  const std::string whole = zip({stored("a", kText), deflated("b", kText)});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ 1 << bit);
      const std::string path = folder_.write("flipped.zip", bytes);
      try {
        const ZipReader archive(path);
        for (const saving::ZipMember& member : archive.members()) EXPECT_EQ(archive.read(member, 1 << 20), kText) << i;
      } catch (const ValueError&) {
      }
    }
  }
}

}  // namespace
}  // namespace kerata
