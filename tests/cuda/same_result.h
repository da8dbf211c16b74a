// An op on the GPU against the same op on the CPU.
#pragma once

#include "graph/op_def.h"
#include "support/finite_differences.h"

namespace kerata::test {

inline std::vector<Tensor> on_gpu(const std::vector<Tensor>& inputs) {
  std::vector<Tensor> moved;
  for (const Tensor& x : inputs) moved.push_back(x.to(Device::cuda()));
  return moved;
}

/// Results of one op: floats near, integers and truth values equal.
inline void expect_same(const std::vector<Tensor>& found, const std::vector<Tensor>& expected,
                        const golden::Tolerance& tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    SCOPED_TRACE("result " + std::to_string(i));
    EXPECT_EQ(found[i].device(), Device::cuda());
    ASSERT_EQ(found[i].dtype(), expected[i].dtype());
    ASSERT_EQ(to_string(found[i].shape()), to_string(expected[i].shape()));
    if (is_floating(found[i].dtype()))
      golden::expect_near_all(found[i].to(Device::cpu()), expected[i], tolerance);
    else
      EXPECT_EQ(found[i].to_vector<std::int64_t>(), expected[i].to_vector<std::int64_t>());
  }
}

inline void expect_same_op(const OpDef& op, const std::vector<Tensor>& inputs, const Attrs& attrs,
                           const golden::Tolerance& tolerance = {2e-6, 2e-6}) {
  std::string text(op.name);
  for (const Tensor& x : inputs) text += " " + std::string(to_string(x.dtype())) + to_string(x.shape());
  SCOPED_TRACE(text);
  const std::vector<Tensor> expected = apply_all(op, inputs, attrs);
  const std::vector<Tensor> first = apply_all(op, on_gpu(inputs), attrs);
  expect_same(first, expected, tolerance);
  const std::vector<Tensor> again = apply_all(op, on_gpu(inputs), attrs);
  for (std::size_t i = 0; i < first.size(); ++i)  // to the bit, whatever is added in which order
    EXPECT_TRUE(golden::near_all(again[i].to(Device::cpu()), first[i].to(Device::cpu()), {0, 0}));
}

/// wave as any type: numbers between low and high; every other one true for bool.
inline Tensor numbers_of(DType dtype, const Shape& shape, double low, double high, double seed = 0.4) {
  const Tensor unit = (wave(shape, seed) + 1) * 0.5;
  if (dtype == DType::boolean) return unit > 0.5;
  return (unit * (high - low) + low).cast(dtype);
}

}  // namespace kerata::test
