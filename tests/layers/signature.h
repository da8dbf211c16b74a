// The fields of an Options struct as data, and their comparison with a constructor that Keras's own signatures.json
// holds.
#pragma once

#include <algorithm>
#include <map>
#include <set>

#include "kerata/core/fields.h"
#include "support/golden.h"

namespace kerata::test {

/// A field: where it lies in the struct tells the order of declaration.
struct Member {
  std::string name;
  std::size_t offset, size, alignment;
  Config value;  // the default
};

/// What a field holds when nobody sets it, in the form of configs.
template <class T>
Config default_of(const T& value) {
  if constexpr (requires { config_of(value); })
    return config_of(value);
  else if constexpr (requires { static_cast<bool>(value); })
    return value ? Config("given") : Config();
  else if constexpr (requires { value.given(); })
    return value.given() ? Config("given") : Config();
  else if constexpr (requires { value.first; })
    return value.first.empty() && value.second.empty() ? Config() : Config("given");
  else
    return value.empty() ? Config() : Config("given");
}

/// The members of `Options` in order of declaration; `fields` are made by field().
template <class Options, class... Fields>
std::vector<Member> members(const std::tuple<Fields...>& fields) {
  const Options options;
  const char* start = reinterpret_cast<const char*>(&options);
  std::vector<Member> result;
  auto add = [&](const auto& f) {
    const auto& member = options.*f.member;
    using T = std::remove_cvref_t<decltype(member)>;
    result.push_back({f.name, static_cast<std::size_t>(reinterpret_cast<const char*>(&member) - start), sizeof(T),
                      alignof(T), default_of(member)});
  };
  std::apply([&](const auto&... f) { (add(f), ...); }, fields);
  std::sort(result.begin(), result.end(), [](const Member& a, const Member& b) { return a.offset < b.offset; });
  return result;
}

/// No field of `Options` is missing in the list: there is no room for one between the others.
template <class Options>
void expect_no_gaps(const std::vector<Member>& list, const std::string& what) {
  auto aligned = [](std::size_t at, std::size_t alignment) { return (at + alignment - 1) / alignment * alignment; };
  std::size_t end = 0;
  for (const Member& member : list) {
    EXPECT_EQ(member.offset, aligned(end, member.alignment)) << what << ": there is a field before " << member.name;
    end = member.offset + member.size;
  }
  EXPECT_EQ(aligned(end, alignof(Options)), sizeof(Options)) << what << ": there is a field after the last one";
}

/// Reasons why a parameter is in Keras only ("Dense.lora_rank", or "*.autocast" for all classes), or in Kerata only.
using Reasons = std::map<std::string, std::string>;

/// One class of signatures.json against ours.
class SignatureCheck {
 public:
  SignatureCheck(std::string name, const golden::Json& signature, const Reasons& only_in_keras,
                 const Reasons& only_in_kerata)
      : name_(std::move(name)), signature_(signature), only_in_keras_(only_in_keras), only_in_kerata_(only_in_kerata) {}

  void run(const std::vector<std::string>& positional, const std::vector<Member>& fields) const;

 private:
  std::vector<golden::Json> expected_options(std::size_t num_positional) const;
  bool is_left_out(const std::string& parameter) const;
  std::string name_;
  const golden::Json& signature_;
  const Reasons& only_in_keras_;
  const Reasons& only_in_kerata_;
};

/// Whether a default of ours says the same as one of Keras's.
bool same_default(const std::string& parameter, const Config& ours, const golden::Json& keras);

}  // namespace kerata::test
