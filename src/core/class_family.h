// A family of objects (losses, initializers ...): from names and configs, and to configs; Keras's classes and the
// user's.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "core/near_name.h"
#include "core/object_config.h"
#include "core/require.h"
#include "kerata/core/fields.h"
#include "kerata/core/registration.h"

namespace kerata {

template <class Base>
class ClassFamily {
 public:
  using Object = std::shared_ptr<Base>;
  /// From the "config" of an object; class_name is for messages.
  using MakeClass = detail::MakeClass<Base>;
  /// A class of Keras: its name and the other names it goes by.
  struct Class {
    std::vector<std::string_view> names;
    std::type_index type;
    MakeClass make;
  };
  /// A name that stands for something else than a class with its defaults.
  struct Word {
    std::string_view name;
    Object (*make)();
  };
  /// How a family is called: {"initializer", "initializers", "keras.initializers"}.
  struct Names {
    std::string_view one, all, module;
  };

  ClassFamily(Names names, std::vector<Class> classes, std::vector<Word> words = {})
      : names_(names), classes_(std::move(classes)), words_(std::move(words)) {}

  /// Adds a class of the user's own.
  void add_class(const std::string& name, std::type_index type, MakeClass make) {
    const std::lock_guard lock(mutex_);
    users_classes_.insert_or_assign(name, make);
    users_names_.insert_or_assign(type, name);
  }
  /// Adds a function of the user's own.
  void add_function(const std::string& name, Object object) {
    const std::lock_guard lock(mutex_);
    users_functions_.insert_or_assign(name, std::move(object));
  }

  /// Throws ValueError for an unknown name, with the nearest known one.
  Object from_name(const std::string& name) const {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = users_functions_.find(name); found != users_functions_.end()) return found->second;
    }
    for (const Word& word : words_)
      if (word.name == name) return word.make();
    const Config none{Config::Object{}};
    if (const Class* known = find_built_in(name)) return known->make(none, known->names[0]);
    fail_unknown(name);
  }

  /// A name, Keras's form of a function, or Keras's form of an object.
  Object from_config(const Config& config) const {
    if (config.is_text()) return from_name(config.as_text());
    const ObjectConfig object = read_object_config(config, names_.all);
    if (object.class_name == "function" && object.config) return from_name(object.config->as_text());
    require<ValueError>(object.class_name != "__lambda__", names_.all,
                        "A Python lambda is code, which is never run from a file. Hint: give it a name in Python, and ",
                        "register_function(\"package>name\", ...) here.");
    const Config none{Config::Object{}};
    const Config& arguments = object.config ? *object.config : none;
    require<ValueError>(arguments.is_object(), object.class_name,
                        "Expected an object with the class's arguments, received ", excerpt(arguments), '.');
    return find_class(object)(arguments, object.class_name);
  }

  /// The name a class was registered under, or "".
  std::string name_of(std::type_index type) const {
    for (const Class& known : classes_)
      if (known.type == type) return std::string(known.names[0]);
    return user_name(type);
  }
  bool has_class(std::string_view name) const { return find_built_in(name) != nullptr; }
  bool has_word(std::string_view name) const {
    return std::any_of(words_.begin(), words_.end(), [&](const Word& word) { return word.name == name; });
  }

  /// Keras's form of an object of a class.
  Config to_config(const Base& object) const {
    const std::type_index type = typeid(object);
    for (const Class& known : classes_)
      if (known.type == type) return object_config(names_.module, known.names[0], object.get_config());
    std::string name = user_name(type);
    if (name.empty()) name = plain_class_name(typeid(object));
    return object_config({}, name, object.get_config(), name);
  }

  /// For a class whose get_config() is asked for and that has none.
  [[noreturn]] void fail_no_config(const Base& object, std::string_view where) const {
    const std::string name = plain_class_name(typeid(object));
    fail<StateError>(where, "The class ", name,
                     " does not say what its config holds. Hint: override get_config(), and ",
                     "make the class known by register_", names_.one, "<", name, ">(\"package>", name, "\").");
  }

 private:
  std::string user_name(std::type_index type) const {
    const std::lock_guard lock(mutex_);
    const auto found = users_names_.find(type);
    return found == users_names_.end() ? std::string() : found->second;
  }
  [[noreturn]] void fail_unknown(std::string_view name) const {
    std::vector<std::string_view> known;
    for (const Word& word : words_) known.push_back(word.name);
    for (const Class& one : classes_) known.insert(known.end(), one.names.begin(), one.names.end());
    fail<ValueError>(names_.all, "Unknown ", names_.one, " \"", name, "\".", name_hint(name, known));
  }
  const Class* find_built_in(std::string_view name) const {
    for (const Class& known : classes_)
      if (std::find(known.names.begin(), known.names.end(), name) != known.names.end()) return &known;
    return nullptr;
  }
  MakeClass find_class(const ObjectConfig& object) const {
    {
      const std::lock_guard lock(mutex_);
      for (const std::string& name : {object.registered_name, object.class_name})
        if (const auto found = users_classes_.find(name); found != users_classes_.end()) return found->second;
    }
    if (const Class* known = object.is_users ? nullptr : find_built_in(object.class_name)) return known->make;
    if (object.registered_name.empty())
      if (const MakeClass make = find_in_any_package(object.class_name)) return make;
    fail_unknown_class(object);
  }
  /// A class that a file names without a package (one of Keras's that is missing here, or of an old file): the one
  /// class of the user's that is called so in whatever package; null when there is none, or more than one.
  MakeClass find_in_any_package(const std::string& class_name) const {
    const std::lock_guard lock(mutex_);
    MakeClass found = nullptr;
    for (const auto& [name, make] : users_classes_) {
      if (!name.ends_with(">" + class_name)) continue;
      if (found) return nullptr;
      found = make;
    }
    return found;
  }
  [[noreturn]] void fail_unknown_class(const ObjectConfig& object) const {
    std::vector<std::string_view> known;
    for (const Class& one : classes_) known.push_back(one.names[0]);
    const std::string near = object.is_users ? std::string() : nearest_name(object.class_name, known);
    fail<ValueError>(names_.all, "Unknown ", names_.one, " class \"", object.class_name, "\".",
                     near.empty() ? std::string() : " Hint: did you mean \"" + near + "\"?",
                     " Hint: a class of your own is made known by register_", names_.one, "<", object.class_name,
                     ">(\"", object.registered_name.empty() ? "package>" + object.class_name : object.registered_name,
                     "\").");
  }

  Names names_;
  std::vector<Class> classes_;
  std::vector<Word> words_;
  mutable std::mutex mutex_;
  std::map<std::string, MakeClass> users_classes_;
  std::map<std::type_index, std::string> users_names_;
  std::map<std::string, Object> users_functions_;
};

/// A class that is made from its Options.
template <class Base, class T>
typename ClassFamily<Base>::Class family_class(std::vector<std::string_view> names) {
  return {std::move(names), typeid(T), &detail::make_class<Base, T>};
}

}  // namespace kerata
