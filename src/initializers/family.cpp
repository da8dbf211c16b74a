// Initializers by name and from configs.
#include "core/class_family.h"
#include "kerata/initializers/initializers.h"

namespace kerata {
namespace {

using namespace initializers;
using Family = ClassFamily<Initializer>;

struct NoFields {
  static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
  static constexpr auto fields() { return std::tuple<>{}; }
};
struct ConstantFields {
  double value = 0;
  static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
  static constexpr auto fields() { return std::tuple{field("value", &ConstantFields::value)}; }
};
struct IdentityFields {
  double gain = 1;
  static constexpr std::span<const KerasKey> kKerasKeys = kOldKeys;
  static constexpr auto fields() { return std::tuple{field("gain", &IdentityFields::gain)}; }
};

template <class T>
std::shared_ptr<Initializer> make_plain(const Config& config, std::string_view name) {
  static_cast<void>(read_fields<NoFields>(config, name));
  return std::make_shared<T>();
}
std::shared_ptr<Initializer> make_constant(const Config& config, std::string_view name) {
  return std::make_shared<Constant>(read_fields<ConstantFields>(config, name).value);
}
std::shared_ptr<Initializer> make_identity(const Config& config, std::string_view name) {
  return std::make_shared<Identity>(read_fields<IdentityFields>(config, name).gain);
}

template <class T>
Family::Class with_options(std::vector<std::string_view> names) {
  return family_class<Initializer, T>(std::move(names));
}

Family& family() {
  static Family instance({"initializer", "initializers", "keras.initializers"},
                         {{{"Constant", "constant"}, typeid(Constant), make_constant},
                          with_options<GlorotNormal>({"GlorotNormal", "glorot_normal"}),
                          with_options<GlorotUniform>({"GlorotUniform", "glorot_uniform"}),
                          with_options<HeNormal>({"HeNormal", "he_normal"}),
                          with_options<HeUniform>({"HeUniform", "he_uniform"}),
                          {{"Identity", "identity", "IdentityInitializer"}, typeid(Identity), make_identity},
                          with_options<LecunNormal>({"LecunNormal", "lecun_normal"}),
                          with_options<LecunUniform>({"LecunUniform", "lecun_uniform"}),
                          {{"Ones", "ones", "one"}, typeid(Ones), make_plain<Ones>},
                          with_options<Orthogonal>({"Orthogonal", "orthogonal", "OrthogonalInitializer"}),
                          with_options<RandomNormal>({"RandomNormal", "random_normal", "normal"}),
                          with_options<RandomUniform>({"RandomUniform", "random_uniform", "uniform"}),
                          with_options<STFT>({"STFT", "stft", "STFTInitializer"}),
                          with_options<TruncatedNormal>({"TruncatedNormal", "truncated_normal"}),
                          with_options<VarianceScaling>({"VarianceScaling", "variance_scaling"}),
                          {{"Zeros", "zeros", "zero"}, typeid(Zeros), make_plain<Zeros>}});
  return instance;
}

}  // namespace

Config Initializer::get_config() const { family().fail_no_config(*this, "initializer"); }
Config Initializer::to_config() const { return family().to_config(*this); }
std::shared_ptr<Initializer> Initializer::from_name(const std::string& name) { return family().from_name(name); }
std::shared_ptr<Initializer> Initializer::from_config(const Config& config) { return family().from_config(config); }
void Initializer::add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Initializer> make) {
  family().add_class(name, type, make);
}
void Initializer::add_function(const std::string& name, std::shared_ptr<Initializer> function) {
  family().add_function(name, std::move(function));
}

}  // namespace kerata
