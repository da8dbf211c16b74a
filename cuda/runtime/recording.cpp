#include "cuda/runtime/recording.h"

#include "core/require.h"
#include "cuda/driver/call_log.h"

namespace kerata::cuda {

Recording::Recording(const Context& context, bool compiles_only)
    : context_(context), compiles_only_(compiles_only), waiting_(context) {}

void Recording::add(Launch launch) {
  launch.use = use_;
  if (!waiting_.takes(launch)) flush();
  if (waiting_.takes(launch)) return waiting_.add(std::move(launch));
  if (!compiles_only_)
    launch_at_once(context_, launch.function, launch.grid, launch.parameters.data(), context_.recording);
}

void Recording::flush() {
  const std::span<const Launch> launches = waiting_.launches();
  if (launches.size() > 1) {
    const KernelFunction joined = function_of(context_.index, waiting_.source());
    if (!compiles_only_) {
      const Grid grid = waiting_.grid();
      write_to_log(join_text("joined ", launches.size(), ' ', waiting_.num_waits(), ' ', grid.x));
      launch_at_once(context_, joined, grid, waiting_.parameters().data(), context_.recording);
    }
  } else if (launches.size() == 1 && !compiles_only_) {
    const Launch& one = launches[0];
    launch_at_once(context_, one.function, one.grid, one.parameters.data(), context_.recording);
  }
  waiting_.clear();
}

CUgraph record_graph(Context& context, bool compiles_only, const Function<void(Queue)>& work) {
  Recording recording(context, compiles_only);
  CUgraph graph = nullptr;
  check(driver().cuStreamBeginCapture(context.recording, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL), "cuStreamBeginCapture",
        context.index);
  context.recorded = &recording;
  try {
    work(context.recording);
    recording.flush();
  } catch (...) {
    context.recorded = nullptr;
    driver().cuStreamEndCapture(context.recording, &graph);
    if (graph) driver().cuGraphDestroy(graph);
    throw;
  }
  context.recorded = nullptr;
  check(driver().cuStreamEndCapture(context.recording, &graph), "cuStreamEndCapture", context.index);
  return graph;
}

}  // namespace kerata::cuda
