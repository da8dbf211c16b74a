#include "saving/npz_file.h"

#include "core/require.h"
#include "files/atomic_file.h"
#include "saving/npy.h"
#include "saving/tensor_bytes.h"
#include "saving/zip_file.h"
#include "saving/zip_format.h"

namespace kerata::saving {
namespace {

constexpr std::string_view kEnding = ".npy";

Tensor read_array(const ZipReader& archive, const ZipMember& member, const std::string& place) {
  ZipStream stream(archive, member);
  const Tensor array = read_npy(member.size, place, [&](void* to, std::size_t count) { stream.read(to, count); });
  stream.finish();
  return array;
}

}  // namespace

std::map<std::string, Tensor> load_npz(const std::string& path) {
  const ZipReader archive(path);
  std::map<std::string, Tensor> arrays;
  for (const ZipMember& member : archive.members()) {
    const std::string place = path + ": " + member.name;
    require<ValueError>(member.name.size() > kEnding.size() && member.name.ends_with(kEnding), "npz", place,
                        " is not an array. Expected members that end in .npy.");
    const std::string name = member.name.substr(0, member.name.size() - kEnding.size());
    arrays.emplace(name, read_array(archive, member, place));
  }
  return arrays;
}

void save_npz(const std::string& path, const std::map<std::string, Tensor>& arrays) {
  files::AtomicFile file(path);
  ZipWriter archive(file.path());
  for (const auto& [name, array] : arrays) {
    const std::string place = path + ": " + name;
    const char* wrong = wrong_zip_name(name + std::string(kEnding));
    require<ValueError>(wrong == nullptr, "npz", place, " is no name for an array: ", wrong ? wrong : "", ".");
    std::string bytes = npy_header(array.dtype(), array.shape(), place);
    bytes += content_of(array, place);
    archive.add(name + std::string(kEnding), bytes);
  }
  archive.close();
  file.commit();
}

}  // namespace kerata::saving
