#include "cuda/runtime/recording.h"

#include "core/require.h"
#include "cuda/driver/call_log.h"

namespace kerata::cuda {

Recording::Recording(const Context& context, bool launches, JoinedData& data)
    : context_(context), launches_(launches), data_(data), waiting_(context) {}

void Recording::add(Launch launch) {
  launch.use = use_;
  if (!waiting_.takes(launch)) flush();
  if (waiting_.takes(launch)) return waiting_.add(std::move(launch));
  if (launches_) launch_at_once(context_, launch.function, launch.grid, launch.parameters.data(), context_.recording);
}

void Recording::flush() {
  const std::span<const Launch> launches = waiting_.launches();
  if (launches.size() > 1) {
    launch_joined();
  } else if (launches.size() == 1 && launches_) {
    const Launch& one = launches[0];
    launch_at_once(context_, one.function, one.grid, one.parameters.data(), context_.recording);
  }
  waiting_.clear();
}

void Recording::launch_joined() {
  const KernelFunction joined = function_of(context_.index, waiting_.source());
  const std::byte* data = waiting_.is_in_memory() ? place_data() : nullptr;
  if (!launches_) return;
  const Grid grid = waiting_.grid();
  write_to_log(join_text("joined ", waiting_.launches().size(), ' ', waiting_.num_waits(), ' ', grid.x));
  launch_at_once(context_, joined, grid, waiting_.parameters(data).data(), context_.recording);
}

const std::byte* Recording::place_data() {
  const std::vector<std::byte> bytes = waiting_.data();
  const std::size_t at = data_.bytes.size();
  data_.bytes.insert(data_.bytes.end(), bytes.begin(), bytes.end());
  return data_.memory + at;
}

bool can_be_recorded(int device, const Function<void(CUstream)>& work) {
  Context& context = context_of(device);
  const std::lock_guard lock(context.recording_mutex);
  JoinedData data;
  try {
    driver().cuGraphDestroy(record_graph(context, true, data, [&](Queue) { work(context.recording); }));
  } catch (const BackendError&) {
    return false;
  }
  return true;
}

CUgraph record_graph(Context& context, bool launches, JoinedData& data, const Function<void(Queue)>& work) {
  Recording recording(context, launches, data);
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
