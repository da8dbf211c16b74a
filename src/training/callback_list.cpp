#include "training/callback_list.h"

#include <algorithm>
#include <numeric>

#include "core/require.h"
#include "training/step.h"

namespace kerata::training {

CallbackList::CallbackList(const std::vector<AnyCallback>& callbacks, const Model& model, const RunParams& params)
    : list_(callbacks), model_(model), params_(params), terminal_(params.verbose == 1 && stdout_is_terminal()) {
  for (const AnyCallback& callback : list_)
    require<ValueError>(callback.operator->() != nullptr, "callbacks",
                        "A callback is empty. Expected an object of a class derived from Callback.");
  call([&](Callback& callback) { callback.set_params(params_); });
  try {
    call([&](Callback& callback) { callback.set_model(&model_); });
  } catch (...) {
    forget_model();
    throw;
  }
}

CallbackList::~CallbackList() { forget_model(); }

// Not by the virtual function: a user's own set_model() may use the model it is given.
void CallbackList::forget_model() const {
  call([](Callback& callback) { callback.Callback::set_model(nullptr); });
}

void CallbackList::begin_epoch(int epoch) {
  if (params_.verbose == 0) return;
  if (params_.epochs > 1)
    print_text("Epoch " + std::to_string(epoch + 1) + "/" + std::to_string(params_.epochs) + "\n");
  start_bar();
}

int checked_verbose(int verbose, std::string_view where) {
  require<ValueError>(verbose == kAuto || (verbose >= 0 && verbose <= 2), where,
                      "verbose must be 0, 1, 2 or kAuto. Received ", verbose, '.');
  return verbose == kAuto ? 1 : verbose;
}

MetricLogs::MetricLogs(CompiledModel& compiled) : compiled_(compiled) { sort_names(compiled.log_names); }

void MetricLogs::sort_names(const std::vector<std::string>& names) {
  place_.resize(names.size());
  std::iota(place_.begin(), place_.end(), std::size_t{0});
  std::sort(place_.begin(), place_.end(), [&](std::size_t a, std::size_t b) { return names[a] < names[b]; });
  std::vector<std::string> sorted;
  for (const std::size_t place : place_) sorted.push_back(names[place]);
  logs_ = Logs(sorted, this);
}

void MetricLogs::use_own(const std::vector<std::string>& names) {
  if (own_names_ == names) return;
  own_names_ = names;
  own_values_.assign(names.size(), 0);
  sort_names(names);
}

void MetricLogs::take_outputs() const {
  if (!step_) return;
  const Binding step = *std::exchange(step_, std::nullopt);
  for (std::size_t i = 0; i < own_values_.size(); ++i) own_values_[i] = *static_cast<const double*>(step.output(i));
}

void MetricLogs::settle() {
  static_cast<void>(logs_.begin());
  take_outputs();
}

void MetricLogs::read(std::span<Logs::Entry> entries) const {
  if (!own_names_.empty()) {
    take_outputs();
    for (std::size_t i = 0; i < place_.size(); ++i) entries[i].second = own_values_[place_[i]];
    return;
  }
  const Binding binding = results();
  if (!fetched_) binding.run();
  for (std::size_t i = 0; i < place_.size(); ++i)
    entries[i].second =
        *static_cast<const double*>(fetched_ ? binding.fetched(*fetched_, place_[i]) : binding.output(place_[i]));
  fetched_ = std::nullopt;
}

Binding MetricLogs::results() const { return compiled_.results_workspace.bind(results_program(compiled_)); }

std::size_t MetricLogs::fetch() {
  const Binding binding = results();
  binding.run();
  return binding.fetch();
}

void MetricLogs::use(std::size_t fetched) {
  fetched_ = fetched;
  logs_.renew();
}

void settle_open_logs(CompiledModel& compiled) {
  if (compiled.open_logs) compiled.open_logs->settle();
}

Scores MetricLogs::scores() const {
  std::vector<std::string> names = compiled_.score_names;
  if (!own_names_.empty()) {  // those of the model's names that are there, then the others sorted
    std::vector<std::string> rest;
    std::erase_if(names, [&](const std::string& name) { return !logs_.contains(name); });
    for (const Logs::Entry& entry : logs_)
      if (std::find(names.begin(), names.end(), entry.first) == names.end()) rest.push_back(entry.first);
    names.insert(names.end(), rest.begin(), rest.end());
  }
  std::vector<double> values;
  for (const std::string& name : names) values.push_back(logs_[name]);
  return Scores(std::move(names), std::move(values));
}

}  // namespace kerata::training
