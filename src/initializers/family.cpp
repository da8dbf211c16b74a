// Initializers by name and from configs.
#include "core/named_family.h"
#include "kerata/initializers/initializers.h"

namespace kerata {
namespace {

using namespace initializers;
using Member = FamilyMember<Initializer>;

template <class T>
std::shared_ptr<Initializer> make_plain(const Config&) {
  return std::make_shared<T>();
}
template <class T>
std::shared_ptr<Initializer> make_from_fields(const Config& config) {
  Config::Object given;  // null: the default
  for (const auto& member : config.as_object())
    if (!member.second.is_null()) given.push_back(member);
  return std::make_shared<T>(read_fields<typename T::Options>(Config(std::move(given))));
}
double number(const Config& config, const char* key, double otherwise) {
  const Config* value = config.find(key);
  return value && !value->is_null() ? value->as_number() : otherwise;
}
std::shared_ptr<Initializer> make_constant(const Config& config) {
  return std::make_shared<Constant>(number(config, "value", 0));
}
std::shared_ptr<Initializer> make_identity(const Config& config) {
  return std::make_shared<Identity>(number(config, "gain", 1));
}
std::shared_ptr<Initializer> make_stft(const Config& config) {
  Config known = config;
  if (const Config* scaling = config.find("scaling"); scaling && scaling->is_null()) known.set("scaling", "none");
  return std::make_shared<STFT>(read_fields<STFT::Options>(known));
}

const std::vector<Member>& family() {
  static const std::vector<Member> members = {
      {{"Constant", "constant"}, make_constant},
      {{"GlorotNormal", "glorot_normal"}, make_from_fields<GlorotNormal>},
      {{"GlorotUniform", "glorot_uniform"}, make_from_fields<GlorotUniform>},
      {{"HeNormal", "he_normal"}, make_from_fields<HeNormal>},
      {{"HeUniform", "he_uniform"}, make_from_fields<HeUniform>},
      {{"Identity", "identity", "IdentityInitializer"}, make_identity},
      {{"LecunNormal", "lecun_normal"}, make_from_fields<LecunNormal>},
      {{"LecunUniform", "lecun_uniform"}, make_from_fields<LecunUniform>},
      {{"Ones", "ones", "one"}, make_plain<Ones>},
      {{"Orthogonal", "orthogonal", "OrthogonalInitializer"}, make_from_fields<Orthogonal>},
      {{"RandomNormal", "random_normal", "normal"}, make_from_fields<RandomNormal>},
      {{"RandomUniform", "random_uniform", "uniform"}, make_from_fields<RandomUniform>},
      {{"STFT", "stft", "STFTInitializer"}, make_stft},
      {{"TruncatedNormal", "truncated_normal"}, make_from_fields<TruncatedNormal>},
      {{"VarianceScaling", "variance_scaling"}, make_from_fields<VarianceScaling>},
      {{"Zeros", "zeros", "zero"}, make_plain<Zeros>},
  };
  return members;
}

}  // namespace

Config Initializer::to_config() const {
  fail<StateError>("initializer", "An initializer of your own has no config. Hint: override to_config().");
}
std::shared_ptr<Initializer> Initializer::from_name(const std::string& name) {
  return make_member<Initializer>(family(), "initializer", name, Config(Config::Object{}));
}
std::shared_ptr<Initializer> Initializer::from_config(const Config& config) {
  return member_from_config<Initializer>(family(), "initializer", config);
}

}  // namespace kerata
