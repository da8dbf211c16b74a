// What compile() made of a model, and the programs traced since.
#pragma once

#include <list>
#include <mutex>
#include <optional>

#include "backend/determinism.h"
#include "backend/tensor_float_32.h"
#include "compile/executable.h"
#include "kerata/metrics/metrics.h"
#include "training/data.h"

namespace kerata::training {

struct OutputPlan {
  std::string name;
  AnyLoss loss;  // empty: the output has none
  double weight = 1;
  int tracker = -1;  // its Mean among CompiledModel::output_losses, when there are several losses
};

struct MetricPlan {
  std::shared_ptr<Metric> metric;
  std::size_t output = 0;
  bool weighted = false;
  std::string log_name;
};

/// One traced signature.
struct Program {
  ExecutablePtr executable;
  std::vector<std::string> own_logs;  // names of the executable's outputs, when train_step() gives logs of its own
  std::vector<VariableCell*> cells;   // of a forward pass: what it reads or writes
};
using ProgramPtr = std::shared_ptr<const Program>;

/// The programs of the latest signatures.
class ProgramCache {
 public:
  struct Key {
    std::vector<ValueType> types;  // of all columns
    std::vector<int> layout;       // which column is what
    const void* graph = nullptr;   // of the model: another one after Sequential::add
    std::uint64_t version = 0;     // of the optimizer
    Device device = Device::cpu();
    bool rounds_to_tf32 = tensor_float_32();
    bool is_deterministic = deterministic_ops();
    bool operator==(const Key& other) const;
  };
  ProgramPtr find(const Key& key);
  void add(const Key& key, ProgramPtr program);
  const std::list<std::pair<Key, ProgramPtr>>& entries() const { return entries_; }

 private:
  static constexpr std::size_t kMost = 32;
  std::list<std::pair<Key, ProgramPtr>> entries_;  // the latest first
};

class MetricLogs;

/// Set by compile().
struct CompiledModel {
  CompileOptions options;
  AnyOptimizer optimizer;
  bool resolved = false;  // the number of outputs is known and the plans below are made
  std::vector<OutputPlan> outputs;
  std::vector<std::size_t> output_order;  // element i of a list belongs to output output_order[i]
  std::vector<MetricPlan> metrics;
  std::shared_ptr<metrics::Mean> loss;
  std::vector<std::shared_ptr<metrics::Mean>> output_losses;
  std::vector<std::string> log_names;           // Keras's order: loss, metrics, losses of the outputs
  std::vector<std::shared_ptr<Metric>> logged;  // what each of them reads
  std::vector<std::string> score_names;         // evaluate()'s order
  std::vector<Variable> trainable;              // as they were at compile()
  std::size_t weights_then = 0;                 // how many weights the model had
  ProgramCache train, test;
  ExecutablePtr results;                   // reads the metrics: one float64 per log name
  Workspace workspace, results_workspace;  // used under the write guard of the metrics only
  const void* bound_by = nullptr;          // whose program `workspace` is bound to
  MetricLogs* open_logs = nullptr;         // of the fit() or evaluate() that runs: callbacks may look at them

  bool has_loss() const;
  std::vector<Variable> metric_variables() const;
};

/// Where fit() stands: what another fit() needs to go on as if this one had not ended.
struct FitProgress {
  int epoch = 0;  // the next one
  // Of the order of the samples: its key, the passes over the data that have begun, the next batch of the last one.
  std::uint64_t order_key = 0, order_pass = 0, order_batch = 0;
  std::uint64_t random_key = 0, random_step = 0;  // of the random ops
};

struct TrainerState {
  std::mutex mutex;  // guards `predict`, `compiled`, `eager_states`; never held while a model's code runs
  /// Held by the thread that builds the model or traces its forward pass for the first time. Traced code may predict.
  std::recursive_mutex tracing;
  std::atomic<bool> built{false};  // the building of the model is over
  std::shared_ptr<CompiledModel> compiled;
  ProgramCache predict;
  std::atomic<std::uint64_t> placement{0};  // placement_version() when the weights were known to lie where they should
  WorkspacePool pool;
  std::optional<std::vector<Variable>> eager_states;  // what eager forward passes wrote so far, once there was one
  std::atomic<bool> stop_training{false};
  std::atomic<bool> is_fitting{false};
  // Of the running fit(), for its callbacks: as of the beginning of the epoch, and what on_train_begin() wants to go on
  // from.
  FitProgress progress;
  std::optional<FitProgress> resume;

  bool runs_eagerly() {
    const std::lock_guard lock(mutex);
    return compiled && compiled->options.run_eagerly;
  }
};

/// The model's, made at the first use.
TrainerState& state_of(const ModelLayer& model);
/// Throws StateError before compile().
CompiledModel& compiled(const ModelLayer& model, std::string_view where);
/// Makes the plans for the outputs of a model. Throws ValueError when losses or metrics do not fit them.
void resolve(CompiledModel& compiled, const ModelLayer& model);
/// The weights that the step trains.
const std::vector<Variable>& trainable_of(CompiledModel& compiled, const ModelLayer& model);

}  // namespace kerata::training
