// open_hostile HOW FILE [BASE]: opens one file and says what came of it, for hostile_test.
// Ends with 0 and the message on standard output when the file was refused by a kerata::Error, with 10 when it was
// opened, 11 when a failed load_weights changed the model, 12 for any other exception. HOW = careless stands for a
// reader that hands the file to the HDF5 library unseen.
#include <hdf5.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include "datasets/idx.h"
#include "kerata/kerata.h"
#include "saving/npz_file.h"
#include "saving/safetensors.h"

namespace {

using namespace kerata;

constexpr int kOpened = 10, kChanged = 11, kOther = 12;
constexpr rlim_t kMemory = 500u << 20;

// Address space above what the process has now; AddressSanitizer reserves terabytes, so not with it.
void limit_memory() {
#ifndef __SANITIZE_ADDRESS__
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  const rlim_t limit = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + kMemory;
  const rlimit both{limit, limit};
  setrlimit(RLIMIT_AS, &both);
#endif
}

std::string text_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

bool same(const Tensors& a, const Tensors& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::vector<float> x = a[i].to_vector<float>(), y = b[i].to_vector<float>();
    if (std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) != 0) return false;
  }
  return true;
}

int load_weights(const std::string& path, const std::string& base) {
  Model model = load_model(base);
  const Tensors before = model.get_weights();
  try {
    model.load_weights(path);
  } catch (const Error&) {
    if (same(before, model.get_weights())) throw;
    return kChanged;
  }
  return kOpened;
}

void follow_links(const std::string& path) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  H5Oopen(file, "layers/dense/vars/0", H5P_DEFAULT);
}

int open(const std::string& how, const std::string& path, const std::string& base) {
  if (how == "weights") return load_weights(path, base);
  if (how == "model") load_model(path);
  if (how == "json") model_from_json(text_of(path));
  if (how == "npz") saving::load_npz(path);
  if (how == "safetensors") saving::load_safetensors(path);
  if (how == "careless") follow_links(path);
  if (how == "idx") datasets::read_idx(path, 3);
  return kOpened;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 1;
  try {
    limit_memory();
    return open(argv[1], argv[2], argc > 3 ? argv[3] : "");
  } catch (const Error& error) {
    std::cout << error.what() << std::flush;
    return 0;
  } catch (const std::exception& error) {
    std::cout << "not a kerata::Error: " << error.what() << std::flush;
    return kOther;
  }
}
