// kLstm and kLstmGrad on the GPU beside the CPU.
#include "cuda/both_devices.h"
#include "cuda/ops/sources.h"
#include "ops/nn_attrs.h"
#include "support/precompiled.h"

namespace kerata {
namespace {

using ops::LstmAttrs;
using ops::LstmGradAttrs;

class CudaLstm : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override { cuda::force_wide_indices(GetParam()); }
  void TearDown() override { cuda::force_wide_indices(false); }

  // x, h0, c0, kernel, recurrent, bias
  std::vector<Tensor> inputs(DType dtype, Dim batch, Dim steps, Dim features, Dim units) {
    return {noise_.tensor(dtype, {batch, steps, features}), noise_.tensor(dtype, {batch, units}),
            noise_.tensor(dtype, {batch, units}),           noise_.tensor(dtype, {features, 4 * units}, 0.5),
            noise_.tensor(dtype, {units, 4 * units}, 0.5),  noise_.tensor(dtype, {4 * units})};
  }
  Noise noise_;
};
INSTANTIATE_TEST_SUITE_P(Indices, CudaLstm, ::testing::Bool(),
                         [](const auto& p) { return p.param ? "Wide" : "Narrow"; });

struct LstmCase {
  Dim batch, steps, features, units;
};
const LstmCase kCases[] = {{1, 1, 1, 1}, {3, 4, 5, 2}, {2, 7, 3, 9}, {33, 3, 40, 20},
                           {0, 3, 2, 4}, {2, 0, 3, 4}, {2, 3, 0, 4}, {70, 2, 6, 17}};

/// The gates of steps that the mask leaves out are nobody's: zeros in their place.
Tensor read_steps(const Tensor& x, const Tensor& mask, bool has_mask, const LstmCase& c) {
  if (!has_mask || x.shape().to_vector() != std::vector<Dim>{c.steps, c.batch, 4 * c.units}) return x;
  return x * ops::transpose(mask).reshape({c.steps, c.batch, 1}).cast(x.dtype());
}

TEST_P(CudaLstm, AllStepsAndTheirGradients) {
  for (const LstmCase& c : kCases)
    for (const DType dtype : {DType::float32, DType::float64})
      for (const bool has_mask : {false, true}) {
        const double tolerance = dtype == DType::float64 ? 1e-11 : 5e-5;
        std::vector<Tensor> in = inputs(dtype, c.batch, c.steps, c.features, c.units);
        const Tensor mask = noise_.tensor(DType::boolean, {c.batch, c.steps});
        std::vector<Tensor> with_mask = in;
        if (has_mask) with_mask.push_back(mask);
        const std::vector<Tensor> out = apply_all(ops::kLstm, with_mask, LstmAttrs{has_mask}),
                                  found = apply_all(ops::kLstm, on_gpu(with_mask), LstmAttrs{has_mask});
        for (std::size_t i = 0; i < out.size(); ++i)
          expect_same(read_steps(out[i], mask, has_mask, c), read_steps(found[i], mask, has_mask, c), tolerance,
                      join_text("lstm, output ", i));
        for (const std::size_t i : {0, 3, 4}) in.push_back(out[i]);
        for (int given = 0; given < 8; ++given) {
          LstmGradAttrs p{(given & 1) != 0, (given & 2) != 0, (given & 4) != 0, has_mask};
          std::vector<Tensor> all = in;
          if (p.has_dh) all.push_back(noise_.tensor(dtype, {c.batch, c.steps, c.units}));
          if (p.has_dh_last) all.push_back(noise_.tensor(dtype, {c.batch, c.units}));
          if (p.has_dc_last) all.push_back(noise_.tensor(dtype, {c.batch, c.units}));
          if (has_mask) all.push_back(mask);
          compare_devices(ops::kLstmGrad, all, p, tolerance);
        }
      }
}

TEST_P(CudaLstm, TheSameInEveryRun) {
  const std::vector<Tensor> in = on_gpu(inputs(DType::float32, 9, 5, 7, 6));
  const Tensor first = apply_all(ops::kLstm, in, LstmAttrs{})[0].to(Device::cpu());
  expect_same(first, apply_all(ops::kLstm, in, LstmAttrs{})[0], 0, "lstm again");
}

}  // namespace
}  // namespace kerata
