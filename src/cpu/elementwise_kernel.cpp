#include "cpu/elementwise_kernel.h"

namespace kerata::cpu {

std::unique_ptr<Kernel> make_unary(const KernelSpec& spec, UnaryRun run, std::int64_t grain) {
  const std::int64_t n = spec.out[0].shape.size();
  const std::size_t in_size = size_of(spec.in[0].dtype), out_size = size_of(spec.out[0].dtype);
  if (n < 2 * grain) return make_kernel([=](const KernelArgs& args) { run(args.in[0], args.out[0], n); });
  return make_kernel([=](const KernelArgs& args) {
    for_blocks(n, grain, [&](std::int64_t begin, std::int64_t end) {
      const auto at = static_cast<std::size_t>(begin);
      run(args.input<std::byte>(0) + at * in_size, args.output<std::byte>(0) + at * out_size, end - begin);
    });
  });
}

namespace {

/// One run: both operands contiguous, or one of them a single element.
std::unique_ptr<Kernel> make_flat(BinaryRun run, std::int64_t n, std::size_t a_step, std::size_t b_step,
                                  std::size_t out_step, std::int64_t grain) {
  if (n < 2 * grain) return make_kernel([=](const KernelArgs& args) { run(args.in[0], args.in[1], args.out[0], n); });
  return make_kernel([=](const KernelArgs& args) {
    for_blocks(n, grain, [&](std::int64_t begin, std::int64_t end) {
      const auto at = static_cast<std::size_t>(begin);
      run(args.input<std::byte>(0) + at * a_step, args.input<std::byte>(1) + at * b_step,
          args.output<std::byte>(0) + at * out_step, end - begin);
    });
  });
}

}  // namespace

std::unique_ptr<Kernel> make_binary(const KernelSpec& spec, const BinaryRuns& runs, std::int64_t grain) {
  BroadcastPlan plan = plan_broadcast(spec.out[0].shape, spec.in);
  const BinaryRun run = plan.moves[0] == plan.moves[1] ? runs.vv : plan.moves[0] ? runs.vs : runs.sv;
  const std::size_t in_size = size_of(spec.in[0].dtype), out_size = size_of(spec.out[0].dtype);
  if (plan.rows * plan.inner == 0) return make_kernel([](const KernelArgs&) {});
  if (plan.rows == 1)
    return make_flat(run, plan.inner, plan.moves[0] ? in_size : 0, plan.moves[1] ? in_size : 0, out_size, grain);
  const std::int64_t grain_rows =
      plan.rows * plan.inner < 2 * grain ? plan.rows : std::max<std::int64_t>(1, grain / plan.inner);
  return make_kernel([=, plan = std::move(plan)](const KernelArgs& args) {
    const auto *a = args.input<std::byte>(0), *b = args.input<std::byte>(1);
    auto* out = args.output<std::byte>(0);
    parallel_for(plan.rows, grain_rows, [&](std::int64_t begin, std::int64_t end) {
      for_rows(plan, begin, end, [&](std::int64_t row, const std::array<std::int64_t, 3>& at) {
        run(a + static_cast<std::size_t>(at[0]) * in_size, b + static_cast<std::size_t>(at[1]) * in_size,
            out + static_cast<std::size_t>(row * plan.inner) * out_size, plan.inner);
      });
    });
  });
}

}  // namespace kerata::cpu
