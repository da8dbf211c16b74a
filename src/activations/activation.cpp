#include "kerata/activations/activation.h"

#include "core/near_name.h"
#include "core/require.h"
#include "kerata/activations/activations.h"

namespace kerata::activations {
namespace {

using Made = std::shared_ptr<Activation>;
struct Entry {
  std::string_view name;
  Made (*make)();
};

template <class F>
Made make() {
  return std::make_shared<FromFunction<Activation, F>>(F());
}
template <class F>
constexpr Entry entry() {
  return {F::kName, make<F>};
}

constexpr Entry kEntries[] = {
    entry<Celu>(),
    entry<Elu>(),
    entry<Exponential>(),
    entry<Gelu>(),
    entry<Glu>(),
    entry<HardShrink>(),
    entry<HardSigmoid>(),
    entry<HardSilu>(),
    entry<HardTanh>(),
    entry<LeakyRelu>(),
    entry<Linear>(),
    entry<LogSigmoid>(),
    entry<LogSoftmax>(),
    entry<Mish>(),
    entry<Relu>(),
    entry<Relu6>(),
    entry<Selu>(),
    entry<Sigmoid>(),
    entry<Silu>(),
    entry<SoftShrink>(),
    entry<Softmax>(),
    entry<Softplus>(),
    entry<Softsign>(),
    entry<SparsePlus>(),
    entry<SparseSigmoid>(),
    entry<Sparsemax>(),
    entry<Squareplus>(),
    entry<Tanh>(),
    entry<TanhShrink>(),
    {"swish", make<Silu>},
    {"hard_swish", make<HardSilu>},  // other names for the same functions
};

}  // namespace

Config Activation::to_config() const {
  fail<StateError>("Activation",
                   "The activation is a function without a name, which a config cannot hold. Hint: give the "
                   "function object a static kName, or use a name.");
}

Made Activation::from_name(const std::string& name) {
  for (const Entry& known : kEntries)
    if (known.name == name) return known.make();
  require<ValueError>(name != Threshold::kName, "Activation",
                      "The activation \"threshold\" needs two numbers. Hint: .activation = "
                      "[](const Tensor& x) { return activations::threshold(x, 1, 0); }.");
  std::vector<std::string_view> names;
  for (const Entry& known : kEntries) names.push_back(known.name);
  fail<ValueError>("Activation", "Unknown activation \"", name, "\".", name_hint(name, names));
}

Made Activation::from_config(const Config& config) {
  if (config.is_text()) return from_name(config.as_text());
  const Config* inner = config.find("config");  // {"class_name": "function", "config": "relu"}
  if (inner && inner->is_text()) return from_name(inner->as_text());
  const Config* name = config.find("class_name");
  require<ValueError>(name != nullptr, "Activation", "Expected a name or an object with \"class_name\", received ",
                      to_string(config), '.');
  return from_name(name->as_text());
}

}  // namespace kerata::activations
