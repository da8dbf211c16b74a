#include "kerata/activations/activation.h"

#include "core/class_family.h"
#include "kerata/activations/activations.h"

namespace kerata {
namespace activations {
namespace {

using Family = ClassFamily<Activation>;

template <class F>
std::shared_ptr<Activation> make() {
  return std::make_shared<FromFunction<Activation, F>>(F());
}
template <class F>
Family::Word word() {
  return {F::kName, make<F>};
}

Family& family() {
  static Family instance({"activation", "activations", "keras.activations"}, {},
                         {word<Celu>(),
                          word<Elu>(),
                          word<Exponential>(),
                          word<Gelu>(),
                          word<Glu>(),
                          word<HardShrink>(),
                          word<HardSigmoid>(),
                          word<HardSilu>(),
                          word<HardTanh>(),
                          word<LeakyRelu>(),
                          word<Linear>(),
                          word<LogSigmoid>(),
                          word<LogSoftmax>(),
                          word<Mish>(),
                          word<Relu>(),
                          word<Relu6>(),
                          word<Selu>(),
                          word<Sigmoid>(),
                          word<Silu>(),
                          word<SoftShrink>(),
                          word<Softmax>(),
                          word<Softplus>(),
                          word<Softsign>(),
                          word<SparsePlus>(),
                          word<SparseSigmoid>(),
                          word<Sparsemax>(),
                          word<Squareplus>(),
                          word<Tanh>(),
                          word<TanhShrink>(),
                          {"swish", make<Silu>},
                          {"hard_swish", make<HardSilu>}});  // other names for the same functions
  return instance;
}

}  // namespace

Config Activation::get_config() const { family().fail_no_config(*this, "activation"); }
Config Activation::to_config() const { return family().to_config(*this); }

std::shared_ptr<Activation> Activation::from_name(const std::string& name) {
  require<ValueError>(name != Threshold::kName, "activations",
                      "The activation \"threshold\" needs two numbers. Hint: .activation = "
                      "[](const Tensor& x) { return activations::threshold(x, 1, 0); }.");
  return family().from_name(name);
}
std::shared_ptr<Activation> Activation::from_config(const Config& config) {
  return config.is_text() ? from_name(config.as_text()) : family().from_config(config);
}
void Activation::add_class(const std::string& name, const std::type_info& type, detail::MakeClass<Activation> make) {
  family().add_class(name, type, make);
}
void Activation::add_function(const std::string& name, std::shared_ptr<Activation> function) {
  family().add_function(name, std::move(function));
}

}  // namespace activations

Config detail::activation_config(const std::string& name) {
  return activations::family().has_word(name) ? Config(name) : function_config(name, "activation");
}

Config config_of(const AnyActivation& value) { return value ? value->to_config() : Config(activations::Linear::kName); }

}  // namespace kerata
