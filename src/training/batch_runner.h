// Runs the step of fit() or evaluate() on one batch after the other.
#pragma once

#include <list>

#include "graph/variable_guard.h"
#include "training/callback_list.h"
#include "training/device_data.h"
#include "training/step.h"

namespace kerata::training {

/// Steps over the batches of one data set. After the first step of each batch size nothing is allocated.
class BatchRunner {
 public:
  BatchRunner(CompiledModel& compiled, const ModelLayer& model, DataSet data, Dim batch_size, bool training,
              MetricLogs& logs, std::string_view where);
  BatchRunner(const BatchRunner&) = delete;
  BatchRunner& operator=(const BatchRunner&) = delete;
  /// The data is seen once: it is not worth a place of its own in a GPU's memory.
  void use_once() { keeps_data_ = false; }
  /// Traces what the data will need, so that mistakes show before any work.
  void prepare(Dim steps);
  /// What the caller's ReadGuard covers, made after prepare(): an eager step has guards of its own.
  std::vector<VariableCell*> cells_to_read() const;
  Dim num_batches() const { return (data_.samples + batch_size_ - 1) / batch_size_; }
  const DataSet& data() const { return data_; }
  /// Passes over the data take the samples in orders that are drawn from `key`, and no longer as they lie.
  void shuffle(std::uint64_t key);
  /// Steps from here on belong to this pass.
  void start_pass(std::uint64_t pass);
  /// Draws the order of the next pass, while a GPU still works on the running one.
  void prepare_pass(std::uint64_t pass);
  void step(Dim batch);
  /// Throws for bad data that a GPU found in earlier steps; waits for it where something may be found.
  void check() const;
  /// check() in two parts (Binding::fetch_reports).
  std::size_t fetch_reports() const { return binding_ ? binding_->fetch_reports() : 0; }
  void check(std::size_t fetched) const {
    if (binding_) binding_->check(fetched);
  }
  /// What the next step's random numbers depend on.
  std::uint64_t random_key() const { return key_; }
  std::uint64_t random_step() const { return step_; }
  void set_random_state(std::uint64_t key, std::uint64_t step) { key_ = key, step_ = step; }
  Dim batch_size() const { return batch_size_; }

 private:
  Dim size_of_batch(Dim batch) const { return std::min(batch_size_, data_.samples - batch * batch_size_); }
  const ProgramPtr& program_for(Dim count);
  void bind(Dim count);
  void step_eagerly(Dim first, Dim count);
  void step_on_device(Dim first);
  /// Of the running pass, null: as they lie.
  const Dim* order() {
    if (!order_key_) return nullptr;
    if (drawn_ != pass_) draw_order();
    return order_.data();
  }
  void draw_order();

  /// A program runs under the exclusive guard of all that it writes: states of layers are no weights.
  struct Guarded {
    explicit Guarded(ProgramPtr held, std::string_view where)
        : program(std::move(held)), guard(program->executable->written(), where) {}
    ProgramPtr program;
    WriteGuard guard;
  };

  CompiledModel& compiled_;
  const ModelLayer& model_;
  DataSet data_;
  Dim batch_size_;
  bool training_;
  MetricLogs& logs_;
  std::string_view where_;
  std::optional<std::uint64_t> order_key_;  // when samples are shuffled
  std::uint64_t pass_ = 0;
  std::vector<Dim> order_, next_order_;              // where the host gathers batches: of this pass and of the next
  std::optional<std::uint64_t> drawn_, drawn_next_;  // the passes whose orders these are
  std::vector<const Column*> columns_;
  std::vector<char> direct_;            // per column: read where it lies
  std::optional<DeviceData> resident_;  // all samples, when they have room on the GPU
  bool keeps_data_ = true;
  Dim count_ = 0;           // samples of the bound program
  ProgramPtr full_, last_;  // for whole batches and for the partial one at the end
  std::list<Guarded> guarded_;
  const Program* program_ = nullptr;
  std::optional<Binding> binding_;
  std::uint64_t optimizer_version_ = 0;
  bool random_ = false;
  std::uint64_t key_, step_ = 0;
};

/// Zeroes the metrics.
void reset_metrics(const std::vector<Variable>& metric_variables);

}  // namespace kerata::training
