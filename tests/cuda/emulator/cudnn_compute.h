// What the emulated cuDNN does when a plan is executed: plain loops over (N, C, H, W), whatever lies where.
#pragma once

#include <cudnn_graph.h>

#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace kerata::emulator {

struct TensorInfo {
  std::int64_t id = 0;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::array<std::int64_t, 4> size = {}, stride = {};
  std::int64_t alignment = 1;
  bool is_virtual = false;

  std::int64_t count() const { return size[0] * size[1] * size[2] * size[3]; }
  bool operator==(const TensorInfo&) const = default;
};
struct WindowInfo {
  std::array<std::int64_t, 2> stride = {}, dilation = {}, before = {}, after = {};
};
/// One node of a graph. A convolution's images are x, its filters b, its results y; each may be what is computed.
struct OperationInfo {
  enum class Kind { forward, images, filters, add, relu };
  Kind kind = Kind::forward;
  TensorInfo x, b, y;
  WindowInfo window;
  bool keeps_nan = false;

  bool has_b() const { return kind != Kind::relu; }
  const TensorInfo& result() const { return kind == Kind::images ? x : kind == Kind::filters ? b : y; }
};
/// How an engine spoils its operands.
enum class Rounding { none, tf32, half };
struct PlanWork {
  std::vector<OperationInfo> operations;
  std::map<std::int64_t, void*> memory;  // by the tensors' ids
  void* workspace = nullptr;
  std::int64_t workspace_bytes = 0;
  Rounding rounding = Rounding::none;
};
void compute(const PlanWork& work);

double load(const void* memory, cudnnDataType_t type, std::int64_t at);
void store(void* memory, cudnnDataType_t type, std::int64_t at, double x);
double rounded(double x, Rounding how);

}  // namespace kerata::emulator
