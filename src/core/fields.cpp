#include "kerata/core/fields.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/near_name.h"
#include "core/require.h"

namespace kerata {
namespace {

/// A list, or what Keras 2 wrote for tuples and shapes: {"class_name": "__tuple__", "items": [...]}.
const Config::List& items_of(const Config& from) {
  if (from.is_object() && from.find("class_name"))
    if (const Config* items = from.find("items")) return items->as_list();
  return from.as_list();
}

bool is_list(const Config& from) { return from.is_list() || from.is_object(); }

std::vector<Dim> read_dims(const Config& from) {
  std::vector<Dim> dims;
  for (const Config& size : items_of(from)) dims.push_back(size.is_null() ? -1 : size.as_integer());
  return dims;
}

Config::List list_of(std::span<const Dim> values) { return Config::List(values.begin(), values.end()); }

}  // namespace

Config config_of(const std::vector<Dim>& value) {
  if (value.empty()) return {};
  return list_of(value);
}
Config config_of(const Shape& value) {
  if (value.rank() == 0) return {};
  Config::List list;
  for (Dim d : value) d < 0 ? list.emplace_back() : list.emplace_back(d);
  return list;
}
Config config_of(const Size2& value) { return Config::List{value.height, value.width}; }
Config config_of(const Axes& value) {
  if (!value.given()) return {};
  return list_of(value.values());
}
Config config_of(const Choice<DType>& value) { return config_of(DTypePolicy(value)); }
Config config_of(const DTypePolicy& value) {
  return Config::Object{{"module", "keras"},
                        {"class_name", "DTypePolicy"},
                        {"config", Config::Object{{"name", value.name()}}},
                        {"registered_name", nullptr}};
}

void read_config(const Config& from, bool& to) { to = from.as_bool(); }
void read_config(const Config& from, double& to) {
  if (from.is_null()) return;
  const double value = from.as_number();
  require<ValueError>(!std::isnan(value), "Config", "Expected a number, received NaN.");
  to = value;
}
void read_config(const Config& from, std::vector<Dim>& to) {
  to = from.is_null() ? std::vector<Dim>() : read_dims(from);
}
void read_config(const Config& from, Shape& to) { to = from.is_null() ? Shape() : Shape(read_dims(from)); }
void read_config(const Config& from, Size2& to) {
  if (from.is_null()) return;
  const auto dims = is_list(from) ? read_dims(from) : std::vector<Dim>(2, from.as_integer());
  require<ValueError>(dims.size() == 2, "Config", "Expected two sizes, received ", excerpt(from), '.');
  for (Dim size : dims)
    if (!std::in_range<std::int32_t>(size)) detail::fail_out_of_range(from);  // windows are multiplied and added up
  to = Size2(dims[0], dims[1]);
}
void read_config(const Config& from, Axes& to) {
  if (from.is_null())
    to = Axes();
  else if (is_list(from))
    to = Axes(read_dims(from));
  else
    to = Axes(from.as_integer());
}

namespace {

// The policies of Keras 3 (DTypePolicy, FloatDTypePolicy) and 2 (Policy, PolicyV1) hold a name alike.
const std::string& policy_name(const Config& from) {
  if (!from.is_object()) return from.as_text();
  const Config* arguments = from.find("config");
  const Config* name = arguments && arguments->is_object() ? arguments->find("name") : nullptr;
  require<ValueError>(name != nullptr, "Config", "Expected a type or a DTypePolicy, received ", excerpt(from), '.');
  return name->as_text();
}

}  // namespace

void read_config(const Config& from, Choice<DType>& to) {
  if (!from.is_null()) to = Choice<DType>::parse(policy_name(from));
}
void read_config(const Config& from, DTypePolicy& to) {
  if (!from.is_null()) to = DTypePolicy::parse(policy_name(from));
}

namespace detail {

void fail_out_of_range(const Config& from) {
  fail<ValueError>("Config", "The number ", excerpt(from), " is out of range.");
}

void read_seed(const Config& from, void* to) {
  const Config* seed = &from;  // or {"class_name": "SeedGenerator", "config": {"seed": 7}}
  if (from.is_object()) {
    const Config* arguments = from.find("config");
    seed = arguments && arguments->is_object() ? arguments->find("seed") : nullptr;
    require<ValueError>(seed != nullptr, "Config", "Expected a seed, received ", excerpt(from), '.');
  }
  read_config(*seed, *static_cast<std::int64_t*>(to));
}

void read_key(const Config& config, const char* key, std::string_view owner, ReadValue read, void* to) {
  const Config* value = config.find(key);
  if (!value) return;
  auto fail_with = [&](std::string_view text) {
    for (std::string_view general : {"[Config] ", "[Choice] "})  // who read it says nothing to the user
      if (text.starts_with(general)) text.remove_prefix(general.size());
    fail<ValueError>(owner, key, ": ", text);
  };
  try {
    read(*value, to);
  } catch (const ValueError& error) {
    fail_with(error.what());
  } catch (const ShapeError& error) {
    fail_with(error.what());
  }
}

void check_keys(const Config& config, std::string_view owner, std::span<const char* const> known,
                std::span<const KerasKey> keras_keys) {
  require<ValueError>(config.is_object(), owner, "Expected an object with the class's arguments, received ",
                      excerpt(config), '.');
  for (const auto& [key, value] : config.as_object()) {
    auto is_key = [&name = key](const char* candidate) { return name == candidate; };
    if (std::any_of(known.begin(), known.end(), is_key)) continue;
    const auto extra =
        std::find_if(keras_keys.begin(), keras_keys.end(), [&](const KerasKey& k) { return is_key(k.name); });
    if (extra != keras_keys.end()) {
      const bool is_no = value.is_bool() && !value.as_bool();
      const bool is_harmless =
          extra->kind == KerasKey::ignored || value.is_null() || (extra->kind == KerasKey::may_be_no && is_no);
      require<ValueError>(is_harmless, owner, key, ": This is not supported. Expected ",
                          extra->kind == KerasKey::may_be_no ? "false" : "null", ", received ", excerpt(value), '.');
      continue;
    }
    if (value.is_null()) continue;  // what a newer Keras adds, unused
    const std::vector<std::string_view> names(known.begin(), known.end());
    fail<ValueError>(owner, "Unknown key \"", key, "\" with the value ", excerpt(value), '.', name_hint(key, names));
  }
}

}  // namespace detail
}  // namespace kerata
