#include "layers/config_compare.h"

namespace kerata::test {
namespace {

// The place where the two part, or "".
std::string difference(const Config& ours, const Config& keras, const std::string& place) {
  auto differs = [&] { return place + ": " + excerpt(ours) + ", in Keras " + excerpt(keras); };
  if (ours.is_number() && keras.is_number())
    return ours.as_number() == keras.as_number() && (keras.is_integer() || !ours.is_integer()) ? "" : differs();
  if (ours.is_list() && keras.is_list()) {
    if (ours.as_list().size() != keras.as_list().size()) return differs();
    for (std::size_t i = 0; i < ours.as_list().size(); ++i)
      if (const auto found = difference(ours.as_list()[i], keras.as_list()[i], place + "[" + std::to_string(i) + "]");
          !found.empty())
        return found;
    return "";
  }
  if (!ours.is_object() || !keras.is_object()) return ours == keras ? "" : differs();
  for (const auto& [key, value] : keras.as_object()) {
    const Config* own = ours.find(key);
    if (!own) return place + "." + key + " is missing, in Keras " + excerpt(value);
    if (const auto found = difference(*own, value, place + "." + key); !found.empty()) return found;
  }
  for (const auto& [key, value] : ours.as_object())
    if (!keras.find(key)) return place + "." + key + " is not in Keras";
  return "";
}

}  // namespace

::testing::AssertionResult same_config(const Config& ours, const Config& keras) {
  const std::string found = difference(ours, keras, "");
  return found.empty() ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << found;
}

}  // namespace kerata::test
