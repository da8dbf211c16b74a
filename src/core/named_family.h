// from_name and from_config of a family of small objects (initializers, regularizers, constraints).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/near_name.h"
#include "core/require.h"
#include "kerata/core/config.h"

namespace kerata {

/// One class of a family: the names it goes by, the first one being its class name, and how it is made.
template <class Base>
struct FamilyMember {
  std::vector<std::string_view> names;
  std::shared_ptr<Base> (*make)(const Config& config);
};

template <class Base>
std::shared_ptr<Base> make_member(std::span<const FamilyMember<Base>> family, std::string_view what,
                                  const std::string& name, const Config& config) {
  std::vector<std::string_view> known;
  for (const FamilyMember<Base>& member : family)
    for (std::string_view candidate : member.names) {
      if (candidate == name) return member.make(config);
      known.push_back(candidate);
    }
  fail<ValueError>(what, "Unknown ", what, " '", name, "'.", name_hint(name, known));
}

/// A name, or {"class_name": ..., "config": {...}}.
template <class Base>
std::shared_ptr<Base> member_from_config(std::span<const FamilyMember<Base>> family, std::string_view what,
                                         const Config& config) {
  if (config.is_text()) return make_member(family, what, config.as_text(), Config(Config::Object{}));
  const Config* name = config.find("class_name");
  require<ValueError>(name != nullptr, what, "Expected a name or {\"class_name\", \"config\"}, received ",
                      to_string(config), '.');
  const Config* arguments = config.find("config");
  return make_member(family, what, name->as_text(), arguments ? *arguments : Config(Config::Object{}));
}

inline Config member_config(const char* class_name, Config config) {
  return Config(Config::Object{{"class_name", class_name}, {"config", std::move(config)}});
}

}  // namespace kerata
