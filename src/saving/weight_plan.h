// WeightPlan: which stored array becomes which variable, checked as a whole before anything changes.
#pragma once

#include "saving/weight_groups.h"
#include "saving/weight_store.h"

namespace kerata::saving {

class WeightPlan {
 public:
  explicit WeightPlan(const WeightReader& reader) : reader_(reader) {}

  /// `array` becomes `variable`. Throws ValueError unless the shapes are equal and both hold floating numbers or both
  /// integers.
  void add(const Variable& variable, const std::string& array);
  /// All arrays of a group, under the first of its paths that fits. Throws ValueError when none does.
  void add(const WeightGroup& group);

  /// Replaces the content of a live model's variables: everything is read before the first of them changes. Throws
  /// StateError when another thread uses one of them.
  void load(std::string_view where) const;
  /// Reads straight into the variables, which nobody else knows yet.
  void load_new() const;

  /// Takes back everything added since size() was `count`.
  void shrink(std::size_t count) { items_.resize(count); }
  std::size_t size() const { return items_.size(); }
  const WeightReader& reader() const { return reader_; }

 private:
  struct Item {
    Variable variable;
    std::string array;
  };
  void add_from(const WeightGroup& group, const std::string& path);

  const WeightReader& reader_;
  std::vector<Item> items_;
};

}  // namespace kerata::saving
