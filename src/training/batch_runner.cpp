#include "training/batch_runner.h"

#include <array>
#include <cstring>

#include "backend/device_backend.h"
#include "core/require.h"
#include "graph/scope.h"
#include "kerata/graph/gradients.h"
#include "optimizers/optimizer_access.h"
#include "training/arguments.h"
#include "training/shuffle.h"

namespace kerata::training {

BatchRunner::BatchRunner(CompiledModel& compiled, const ModelLayer& model, DataSet data, Dim batch_size, bool training,
                         MetricLogs& logs, std::string_view where)
    : compiled_(compiled),
      model_(model),
      data_(std::move(data)),
      batch_size_(std::min(batch_size, data_.samples)),
      training_(training),
      logs_(logs),
      where_(where),
      key_(draw_key()) {
  for (std::size_t i = 0; i < data_.num_columns(); ++i) columns_.push_back(&data_.column(i));
}

void BatchRunner::prepare(Dim steps) {
  if (compiled_.options.run_eagerly) return;
  program_for(batch_size_);
  if (steps >= num_batches() && data_.samples % batch_size_ != 0) program_for(data_.samples % batch_size_);
  results_program(compiled_);
}

std::vector<VariableCell*> BatchRunner::cells_to_read() const {
  return compiled_.options.run_eagerly ? std::vector<VariableCell*>() : cells_of(model_.weights());
}

const ProgramPtr& BatchRunner::program_for(Dim count) {
  const std::uint64_t version = OptimizerAccess::version(*compiled_.optimizer);
  if (version != optimizer_version_) full_ = last_ = nullptr;
  optimizer_version_ = version;
  ProgramPtr& program = count == batch_size_ ? full_ : last_;
  if (program) return program;
  program = step_program(compiled_, model_, data_, count, training_);
  guarded_.emplace_back(program, where_);
  guarded_.remove_if([&](const Guarded& held) { return held.program != full_ && held.program != last_; });
  return program;
}

void BatchRunner::bind(Dim count) {
  program_ = program_for(count).get();
  binding_ = compiled_.workspace.bind(program_->executable);
  compiled_.bound_by = this;
  random_ = program_->executable->is_random();
  if (!program_->own_logs.empty()) logs_.use_own(program_->own_logs);
  direct_.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    direct_[i] = columns_[i]->is_direct() && (!order_key_ || count == 1);
    if (!direct_[i]) binding_->use_own_input(i);
  }
  count_ = count;
  if (!program_->executable->device().is_cpu() && keeps_data_ && !resident_)
    resident_ = DeviceData::make(data_, program_->executable->device(), order_key_.has_value());
  if (!resident_) return;
  const DeviceOrder* order = resident_->order();
  binding_->feed(resident_->columns(), order ? order->data() : nullptr);
}

void BatchRunner::shuffle(std::uint64_t key) {
  order_key_ = key;
  drawn_ = drawn_next_ = std::nullopt;
}

void BatchRunner::start_pass(std::uint64_t pass) { pass_ = pass; }

void BatchRunner::prepare_pass(std::uint64_t pass) {
  if (!order_key_ || !program_ || program_->executable->device().is_cpu()) return;
  if (resident_) return resident_->order()->prepare_pass(*order_key_, pass);
  next_order_.resize(static_cast<std::size_t>(data_.samples));
  shuffle_order(next_order_, *order_key_, pass);
  drawn_next_ = pass;
}

void BatchRunner::draw_order() {
  if (drawn_next_ == pass_) {
    order_.swap(next_order_);
    drawn_next_ = std::nullopt;
  } else {
    order_.resize(static_cast<std::size_t>(data_.samples));
    shuffle_order(order_, *order_key_, pass_);
  }
  drawn_ = pass_;
}

void BatchRunner::step(Dim batch) {
  const Dim first = batch * batch_size_, count = size_of_batch(batch);
  if (compiled_.options.run_eagerly) return step_eagerly(first, count);
  if (count != count_ || compiled_.bound_by != this ||
      optimizer_version_ != OptimizerAccess::version(*compiled_.optimizer))
    bind(count);
  if (resident_) return step_on_device(first);
  const Dim* order = this->order();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (direct_[i])
      binding_->set_input(i, columns_[i]->row(order ? order[first] : first));
    else
      columns_[i]->gather(order, first, count, binding_->input(i));
  }
  if (random_) binding_->set_random_state(key_, step_++);
  binding_->run();
  if (!program_->own_logs.empty()) logs_.use_outputs(*binding_);
}

void BatchRunner::step_on_device(Dim first) {
  DeviceOrder* order = resident_->order();
  if (order) order->start_pass(*order_key_, pass_);
  binding_->run_fed(order ? order->first() + first : first, key_, random_ ? step_++ : 0);
  if (!program_->own_logs.empty()) logs_.use_outputs(*binding_);
}

void BatchRunner::check() const {
  if (binding_ && compiled_.bound_by == this) binding_->check();
}

void BatchRunner::step_eagerly(Dim first, Dim count) {
  const Dim* order = this->order();
  std::vector<Tensor> tensors;
  for (const Column* column : columns_) {
    tensors.push_back(concrete(column->batch_type(count)));
    column->gather(order, first, count, output_of(tensors.back()).data());
  }
  const Layout layout(data_);
  Scope scope(Mode::eager, training_);
  std::optional<GradientTape> tape;
  if (training_) {
    compiled_.optimizer->build(trainable_of(compiled_, model_));
    tape.emplace();
  }
  const Tensors logs = [&] {
    const std::vector<VariableCell*> read = training_ ? std::vector<VariableCell*>() : cells_of(model_.weights());
    const ReadGuard guard(read, where_);
    return StepRunner(compiled_, model_, layout, training_).run(layout.batch(tensors));
  }();
  const std::vector<VariableCell*> written = cells_of(scope.updated());
  const WriteGuard guard(written, where_);
  scope.commit();
  if (are_model_logs(compiled_, logs)) return;
  require<ValueError>(!logs.names().empty(), "train_step",
                      "The logs need names. Expected {{\"loss\", loss}, ...} or what update_metrics() gives.");
  logs_.use_own(logs.names());
  for (std::size_t i = 0; i < logs.size(); ++i) logs_.own_values()[i] = logs.list()[i].item();
}

void reset_metrics(const std::vector<Variable>& metric_variables) {
  std::array<MemoryRange, 16> on_device;
  std::size_t count = 0;
  const auto zero = [&](Device device) {
    DeviceBackend& backend = *backend_of(device);
    backend.fill_zeros(device.index(), {on_device.data(), count}, backend.main_queue(device.index()));
    count = 0;
  };
  for (const Variable& v : metric_variables) {
    const NodeOutput& state = output_of(v.cell()->tensor);
    v.cell()->version.fetch_add(1, std::memory_order_relaxed);
    if (state.device().is_cpu()) {
      std::memset(state.data(), 0, bytes_of(state.type));
      continue;
    }
    on_device[count++] = {state.data(), bytes_of(state.type)};
    if (count == on_device.size()) zero(state.device());
  }
  if (count > 0) zero(output_of(metric_variables[0].cell()->tensor).device());  // of all: they are placed together
}

}  // namespace kerata::training
