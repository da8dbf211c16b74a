#include "training/monitor.h"

#include <cmath>

#include "core/require.h"
#include "metrics/metric_access.h"
#include "training/trainer_state.h"

namespace kerata::training {

bool larger_is_better(const Choice<MonitorMode>& mode, const std::string& monitor, const Model& model,
                      std::string_view where) {
  if (mode != MonitorMode::automatic) return mode == MonitorMode::max;
  const std::string name = monitor.starts_with("val_") ? monitor.substr(4) : monitor;
  if (name == "loss" || name.ends_with("_loss")) return false;
  for (const MetricPlan& plan : compiled(model.impl(), where).metrics) {
    const int direction = MetricAccess::state(*plan.metric).direction;
    if ((plan.log_name == name || plan.metric->name() == name) && direction != 0) return direction > 0;
  }
  fail<ValueError>(where, "Cannot tell whether \"", monitor,
                   "\" should become larger or smaller. Hint: set .mode = \"max\" or \"min\".");
}

bool improves(double current, double reference, bool larger_is_better, double min_delta) {
  const double delta = std::abs(min_delta);
  return larger_is_better ? current - delta > reference : current + delta < reference;
}

std::string names_of(const Logs& logs) {
  std::string names;
  for (const auto& [name, value] : logs) names += (names.empty() ? "" : ",") + name;
  return names;
}

}  // namespace kerata::training
