// An op on the GPU beside the same on the CPU.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "graph/node.h"
#include "kerata/kerata.h"
#include "ops/dispatch.h"

namespace kerata {

/// A stream of numbers that is the same in every run.
class Noise {
 public:
  explicit Noise(std::uint32_t seed = 12345) : state_(seed) {}
  /// In [0, 1).
  double next() {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<double>(state_ >> 8) / 16777216.0;
  }
  /// Floats in [-1, 1) times scale; integers below `scale`, negative ones too where there are; bool.
  Tensor tensor(DType dtype, const Shape& shape, double scale = 1) {
    const Tensor x = concrete({dtype, shape});
    write_elements(mutable_data<std::byte>(x), shape.size(), dtype, [&](std::int64_t) {
      if (is_floating(dtype)) return (2 * next() - 1) * scale;
      if (dtype == DType::boolean || dtype == DType::uint8) return std::floor(next() * std::max(2.0, scale));
      return std::floor((2 * next() - 1) * std::max(2.0, scale));
    });
    return x;
  }
  /// Indices from low up to below high.
  Tensor indices(const Shape& shape, Dim low, Dim high, DType dtype = DType::int32) {
    const Tensor x = concrete({dtype, shape});
    write_elements(mutable_data<std::byte>(x), shape.size(), dtype, [&](std::int64_t) {
      return static_cast<double>(low) + std::floor(next() * static_cast<double>(high - low));
    });
    return x;
  }

 private:
  std::uint32_t state_;
};

inline std::vector<Tensor> on_gpu(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> moved;
  for (const Tensor& x : tensors) moved.push_back(x.to(Device::cuda()));
  return moved;
}

/// Equal types, shapes and, up to tolerance * (1 + |expected|), values; NaN equals NaN. With tolerance 0 all bytes.
inline void expect_same(const Tensor& expected, const Tensor& on_device, double tolerance, const std::string& what) {
  ASSERT_EQ(on_device.device(), Device::cuda()) << what;
  const Tensor received = on_device.to(Device::cpu());
  ASSERT_EQ(received.dtype(), expected.dtype()) << what;
  ASSERT_EQ(received.shape(), expected.shape()) << what;
  if (tolerance == 0 || !is_floating(expected.dtype())) {
    const std::size_t bytes = bytes_of(type_of(expected));
    const auto *a = mutable_data<std::byte>(expected), *b = mutable_data<std::byte>(received);
    for (std::size_t i = 0; i < bytes; ++i)
      ASSERT_EQ(a[i], b[i]) << what << ": element " << i / size_of(expected.dtype()) << " of " << expected.shape();
    return;
  }
  const std::vector<double> a = expected.to_vector<double>(), b = received.to_vector<double>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    ASSERT_TRUE(a[i] == b[i] || std::abs(a[i] - b[i]) <= tolerance * (1 + std::abs(a[i])))
        << what << ": element " << i << " of " << expected.shape() << ": expected " << a[i] << ", received " << b[i];
  }
}

/// The outputs on the GPU, after they were compared with those on the CPU.
inline std::vector<Tensor> compare_devices(const OpDef& op, const std::vector<Tensor>& inputs, const Attrs& attrs = {},
                                           double tolerance = 0) {
  std::string what = std::string(op.name) + " of";
  for (const Tensor& x : inputs) what += ' ' + std::string(to_string(x.dtype())) + to_string(x.shape());
  what += ' ' + attrs.text();
  const std::vector<Tensor> expected = apply_all(op, inputs, attrs);
  std::vector<Tensor> received = apply_all(op, on_gpu(inputs), attrs);
  EXPECT_EQ(received.size(), expected.size()) << what;
  for (std::size_t i = 0; i < expected.size(); ++i) expect_same(expected[i], received[i], tolerance, what);
  return received;
}

inline constexpr DType kAllTypes[] = {DType::float32, DType::float64, DType::float16, DType::bfloat16, DType::int8,
                                      DType::int16,   DType::int32,   DType::int64,   DType::uint8,    DType::boolean};

}  // namespace kerata
