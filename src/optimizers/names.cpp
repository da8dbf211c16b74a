// Optimizers by name and from configs.
#include "core/near_name.h"
#include "core/require.h"
#include "kerata/optimizers/optimizers.h"
#include "optimizers/optimizer_access.h"

namespace kerata {
namespace {

template <class T>
std::shared_ptr<Optimizer> make(const Config& config) {
  return std::make_shared<T>(read_fields<typename T::Options>(config));
}

struct Entry {
  std::string_view name;
  std::shared_ptr<Optimizer> (*make)(const Config& config);
};
constexpr Entry kOptimizers[] = {
    {"sgd", make<optimizers::SGD>},
    {"rmsprop", make<optimizers::RMSprop>},
    {"adam", make<optimizers::Adam>},
};

// Keras looks names up in lower case.
std::string lower(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name;
}

}  // namespace

std::shared_ptr<Optimizer> Optimizer::from_config(const Config& config) {
  if (config.is_text()) return from_name(config.as_text());
  const Config* class_name = config.find("class_name");
  require<ValueError>(class_name != nullptr, "optimizers", "Expected a name or {class_name, config}, received ",
                      to_string(config), '.');
  const Config* fields = config.find("config");
  const std::string name = lower(class_name->as_text());
  std::vector<std::string_view> known;
  for (const Entry& entry : kOptimizers) {
    if (entry.name == name) return entry.make(fields ? *fields : Config(Config::Object{}));
    known.push_back(entry.name);
  }
  fail<ValueError>("optimizers", "Unknown optimizer \"", class_name->as_text(), "\".",
                   name_hint(name, known));
}

std::shared_ptr<Optimizer> Optimizer::from_name(const std::string& name) {
  auto optimizer = from_config(Config::Object{{"class_name", name}});
  optimizer->state_->identifier = name;
  return optimizer;
}

}  // namespace kerata
