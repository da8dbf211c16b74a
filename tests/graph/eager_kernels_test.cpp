// Kernels of eager ops are prepared once for the same work.
#include "graph/eager_kernels.h"

#include "backend/determinism.h"
#include "graph/node.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

struct ShiftAttrs {
  Dim by = 0;
  static constexpr auto fields() { return std::tuple{attr("by", &ShiftAttrs::by)}; }
};
struct ShiftByObjectAttrs {
  std::shared_ptr<const int> by;
  static constexpr auto fields() { return std::tuple{attr("by", &ShiftByObjectAttrs::by)}; }
};
std::vector<ValueType> same_type(std::span<const ValueType> in, const Attrs&) { return {in[0]}; }
const OpDef kShift{.name = "shift", .infer = same_type}, kShiftByObject{.name = "shift_by_object", .infer = same_type};

std::atomic<int> prepared = 0;

std::unique_ptr<Kernel> shift_by(Dim by, const KernelSpec& spec) {
  ++prepared;
  return make_kernel([by, count = spec.in[0].shape.size()](const KernelArgs& args) {
    for (Dim i = 0; i < count; ++i) args.output<float>(0)[i] = args.input<float>(0)[i] + static_cast<float>(by);
  });
}
// Reads its attributes when it runs: they must be there as long as the kernel is.
std::unique_ptr<Kernel> prepare_shift(const KernelSpec& spec) {
  struct Shift final : Kernel {
    explicit Shift(const KernelSpec& s) : spec(s) {}
    void run(const KernelArgs& args) const override { shift_by(spec.attrs.as<ShiftAttrs>().by, spec)->run(args); }
    KernelSpec spec;
  };
  ++prepared;
  return std::make_unique<Shift>(spec);
}

class EagerKernels : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    kernels().add(KernelRegistry::Target::cpu, kShift, [](const KernelSpec& spec) { return prepare_shift(spec); });
    kernels().add(KernelRegistry::Target::cpu, kShiftByObject,
                  [](const KernelSpec& spec) { return shift_by(*spec.attrs.as<ShiftByObjectAttrs>().by, spec); });
  }
  void TearDown() override { set_deterministic_ops(false); }
};

// How many kernels were prepared for `work`: the kernel of a shift prepares one more at each run.
int prepared_by(const std::function<void()>& work, int runs) {
  const int before = prepared;
  work();
  return prepared - before - runs;
}
std::vector<float> shifted(Dim size, Dim by) {
  return apply(kShift, {ops::zeros({size})}, ShiftAttrs{by}).to_vector<float>();
}

TEST_F(EagerKernels, ArePreparedOnceForTheSameWork) {
  EXPECT_EQ(prepared_by([] { EXPECT_EQ(shifted(3, 5), std::vector<float>(3, 5)); }, 1), 1);
  EXPECT_EQ(prepared_by([] { EXPECT_EQ(shifted(3, 5), std::vector<float>(3, 5)); }, 1), 0);
  EXPECT_EQ(prepared_by([] { EXPECT_EQ(shifted(4, 5), std::vector<float>(4, 5)); }, 1), 1);  // another shape
  EXPECT_EQ(prepared_by([] { EXPECT_EQ(shifted(3, 6), std::vector<float>(3, 6)); }, 1), 1);  // another attribute
  EXPECT_EQ(prepared_by([] { EXPECT_EQ(shifted(3, 5), std::vector<float>(3, 5)); }, 1), 0);
  set_deterministic_ops(true);
  EXPECT_EQ(prepared_by([] { EXPECT_EQ(shifted(3, 5), std::vector<float>(3, 5)); }, 1), 1);
}

TEST_F(EagerKernels, TheOldestMakeRoom) {
  shifted(1, 5000);
  for (Dim by = 5001; by < 6000; ++by) EXPECT_EQ(shifted(1, by)[0], static_cast<float>(by));
  EXPECT_EQ(prepared_by([] { shifted(1, 5999); }, 1), 0);
  EXPECT_EQ(prepared_by([] { EXPECT_EQ(shifted(1, 5000)[0], 5000.0f); }, 1), 1);
}

TEST_F(EagerKernels, AreNotKeptWithObjects) {
  const auto object = std::make_shared<const int>(7);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(apply(kShiftByObject, {ops::zeros({2})}, ShiftByObjectAttrs{object}).to_vector<float>(),
              std::vector<float>(2, 7));
  EXPECT_EQ(object.use_count(), 1);
}

TEST_F(EagerKernels, AreSharedByThreads) {
  const auto work = [] {
    for (Dim i = 0; i < 2000; ++i) EXPECT_EQ(shifted(2, i % 700)[1], static_cast<float>(i % 700));
  };
  std::thread other(work);
  work();
  other.join();
}

}  // namespace
}  // namespace kerata
