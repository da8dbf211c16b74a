// Every field of a layer's Options has an effect: what a layer does and makes, as a text that must change with the
// field.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "graph/scope.h"
#include "kerata/layers/layers.h"
#include "kerata/models/sequential.h"
#include "kerata/utils/random_seed.h"
#include "layers/layer_state.h"
#include "support/golden.h"

namespace kerata::test {

/// What the layer that `make` gives does with `inputs`: results, masks, state, weights, losses, names, or its errors.
std::string behaviour(const std::function<AnyLayer()>& make, const Tensors& inputs);

/// One field: how it is changed, and what must be set beside it for a difference to be seen.
template <class Options>
struct Change {
  using Setter = std::function<void(Options&)>;
  Change(std::string name, Setter setter, Setter others = nullptr)
      : field(std::move(name)), change(std::move(setter)), besides(std::move(others)) {}
  std::string field;
  Setter change, besides;
};

/// `not_saved`: fields that Keras does not write into configs either.
template <class Ref, class... Arguments>
void expect_effects(const Tensors& inputs, const std::vector<Change<typename Ref::Options>>& changes,
                    const std::set<std::string>& not_saved, const Arguments&... arguments) {
  using Options = typename Ref::Options;
  const std::string class_name = Ref(arguments...).class_name();
  SCOPED_TRACE(class_name);
  std::set<std::string> changed;
  for (const Change<Options>& change : changes) {
    SCOPED_TRACE(change.field);
    Options plain, other;
    if (change.besides) change.besides(plain), change.besides(other);
    change.change(other);
    const std::string before = behaviour([&] { return Ref(arguments..., plain); }, inputs);
    const std::string after = behaviour([&] { return Ref(arguments..., other); }, inputs);
    EXPECT_NE(before, after);
    EXPECT_EQ(before, behaviour([&] { return Ref(arguments..., plain); }, inputs)) << "differs from run to run";
    changed.insert(change.field);
    if (after.find("thrown by the constructor") != std::string::npos) continue;
    const Config config = Ref(arguments..., other).get_config();
    EXPECT_EQ(config == Ref(arguments..., plain).get_config(), not_saved.contains(change.field));
    const AnyLayer again = layer_from_config(Config(Config::Object{{"class_name", class_name}, {"config", config}}));
    EXPECT_EQ(again.get_config(), config);
    if (!not_saved.contains(change.field)) {
      EXPECT_EQ(behaviour(
                    [&] {
                      return layer_from_config(Config(Config::Object{{"class_name", class_name}, {"config", config}}));
                    },
                    inputs),
                after)
          << "lost on the way through the config";
    }
  }
  auto expect_tried = [&](const std::string& field) {
    EXPECT_TRUE(changed.contains(field)) << field << " is not tried";
  };
  std::apply([&](const auto&... f) { (expect_tried(f.name), ...); }, Options::fields());
  for (const std::string& field : not_saved) expect_tried(field);
}

/// The tail that all Options have.
template <class Options>
std::vector<Change<Options>> tail_changes() {
  std::vector<Change<Options>> changes = {{"name", [](Options& o) { o.name = "other"; }},
                                          {"trainable", [](Options& o) { o.trainable = false; }},
                                          {"dtype", [](Options& o) { o.dtype = "float64"; }}};
  return changes;
}

/// `own` and the tail.
template <class Options>
std::vector<Change<Options>> with_tail(std::vector<Change<Options>> own) {
  for (auto& change : tail_changes<Options>()) own.push_back(std::move(change));
  return own;
}

}  // namespace kerata::test
