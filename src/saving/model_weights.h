// All weights of a model, to and from a store of arrays.
#pragma once

#include "kerata/models/save_options.h"
#include "saving/weight_plan.h"

namespace kerata::saving {

/// Writes the groups of the model, and of its optimizer if it has one. Throws StateError while another thread trains.
void write_weights(const ModelLayer& model, WeightWriter& writer, bool with_optimizer);
/// Model and optimizer in one .weights.h5 file, which is there whole or not at all.
void save_weights_file(const ModelLayer& model, const std::string& path, const std::optional<Note>& note = {});

/// What could not be loaded, told at once, in Keras's words.
class Failures {
 public:
  explicit Failures(bool skip) : skip_(skip) {}
  /// Runs `plan_one`; a ValueError takes back what it added to the plan.
  template <class F>
  void guard(WeightPlan& plan, const std::string& object, const F& plan_one) {
    const std::size_t before = plan.size();
    try {
      plan_one();
    } catch (const ValueError& error) {
      plan.shrink(before);
      add(object, error.what());
    }
  }
  void add(const std::string& object, const std::string& message);
  /// Throws ValueError "A total of 2 objects could not be loaded. ...", or prints it as a warning when skipping.
  void report(std::string_view where) const;

 private:
  bool skip_;
  std::vector<std::string> objects_;
  std::string example_;
};

/// All weights of the model.
void plan_weights(const ModelLayer& model, const std::vector<AnyLayer>& skip, WeightPlan& plan, Failures& failures);
/// The state of the optimizer; a warning when the file holds another number of variables than it has.
void plan_optimizer(const ModelLayer& model, WeightPlan& plan, Failures& failures);
/// The same for a model that has just been made, whose slots have no content yet: those that the file lacks become zero.
void plan_new_optimizer(const ModelLayer& model, WeightPlan& plan, Failures& failures);
/// All but the counter and the rate becomes zero.
void clear_slots(const Optimizer& optimizer);

}  // namespace kerata::saving
