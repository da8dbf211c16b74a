#include "cuda/emulator/cudnn_descriptors.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace kerata::emulator {
namespace {

using Kind = OperationInfo::Kind;

std::set<const void*>& living() {
  static auto* all = new std::set<const void*>;
  return *all;
}

struct Rule {
  int name;
  cudnnBackendDescriptorType_t of;
  cudnnBackendAttributeType_t type;
};
constexpr auto kGraph = CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR;
constexpr auto kTensor = CUDNN_BACKEND_TENSOR_DESCRIPTOR;
constexpr auto kWindow = CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR;
constexpr auto kPack = CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR;
constexpr auto kMode = CUDNN_BACKEND_POINTWISE_DESCRIPTOR;
constexpr auto kPointwise = CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR;
constexpr auto kForward = CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR;
constexpr auto kImages = CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR;
constexpr auto kFilters = CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR;
constexpr Rule kRules[] = {
    {CUDNN_ATTR_POINTWISE_MODE, kMode, CUDNN_TYPE_POINTWISE_MODE},
    {CUDNN_ATTR_POINTWISE_MATH_PREC, kMode, CUDNN_TYPE_DATA_TYPE},
    {CUDNN_ATTR_POINTWISE_NAN_PROPAGATION, kMode, CUDNN_TYPE_NAN_PROPOGATION},
    {CUDNN_ATTR_CONVOLUTION_COMP_TYPE, kWindow, CUDNN_TYPE_DATA_TYPE},
    {CUDNN_ATTR_CONVOLUTION_CONV_MODE, kWindow, CUDNN_TYPE_CONVOLUTION_MODE},
    {CUDNN_ATTR_CONVOLUTION_DILATIONS, kWindow, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, kWindow, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, kWindow, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, kWindow, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, kWindow, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, CUDNN_TYPE_HEUR_MODE},
    {CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, kForward, CUDNN_TYPE_FLOAT},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, kForward, CUDNN_TYPE_FLOAT},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, kForward, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, kForward, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, kForward, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, kForward, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, kImages, CUDNN_TYPE_FLOAT},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, kImages, CUDNN_TYPE_FLOAT},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, kImages, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, kImages, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, kImages, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, kImages, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA, kFilters, CUDNN_TYPE_FLOAT},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA, kFilters, CUDNN_TYPE_FLOAT},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, kFilters, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, kFilters, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X, kFilters, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY, kFilters, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, kPointwise, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_POINTWISE_XDESC, kPointwise, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_POINTWISE_BDESC, kPointwise, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATION_POINTWISE_YDESC, kPointwise, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_OPERATIONGRAPH_HANDLE, kGraph, CUDNN_TYPE_HANDLE},
    {CUDNN_ATTR_OPERATIONGRAPH_OPS, kGraph, CUDNN_TYPE_BACKEND_DESCRIPTOR},
    {CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, kTensor, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_TENSOR_DATA_TYPE, kTensor, CUDNN_TYPE_DATA_TYPE},
    {CUDNN_ATTR_TENSOR_DIMENSIONS, kTensor, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_TENSOR_STRIDES, kTensor, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_TENSOR_UNIQUE_ID, kTensor, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_TENSOR_IS_VIRTUAL, kTensor, CUDNN_TYPE_BOOLEAN},
    {CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, kPack, CUDNN_TYPE_INT64},
    {CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, kPack, CUDNN_TYPE_VOID_PTR},
    {CUDNN_ATTR_VARIANT_PACK_WORKSPACE, kPack, CUDNN_TYPE_VOID_PTR},
};

std::size_t bytes_of(cudnnBackendAttributeType_t type) {
  const bool is_wide = type == CUDNN_TYPE_INT64 || type == CUDNN_TYPE_HANDLE || type == CUDNN_TYPE_VOID_PTR ||
                       type == CUDNN_TYPE_BACKEND_DESCRIPTOR;
  return type == CUDNN_TYPE_BOOLEAN ? sizeof(bool) : is_wide ? 8 : 4;
}

bool all_at_least(const std::vector<std::int64_t>& values, std::int64_t least) {
  return std::all_of(values.begin(), values.end(), [&](std::int64_t x) { return x >= least; });
}
template <std::size_t kSize>
std::array<std::int64_t, kSize> array_of(const Descriptor& from, int name) {
  std::array<std::int64_t, kSize> made = {};
  const std::vector<std::int64_t> values = from.all<std::int64_t>(name);
  std::copy(values.begin(), values.end(), made.begin());
  return made;
}

cudnnStatus_t understand_tensor(Descriptor& t) {
  const auto size = t.all<std::int64_t>(CUDNN_ATTR_TENSOR_DIMENSIONS),
             step = t.all<std::int64_t>(CUDNN_ATTR_TENSOR_STRIDES);
  const auto alignment = t.one<std::int64_t>(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT);
  if (!t.has({CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_ATTR_TENSOR_DATA_TYPE}) || size.size() != 4 || step.size() != 4 ||
      !all_at_least(size, 1) || !all_at_least(step, 1) || alignment < 1 || (alignment & (alignment - 1)))
    return CUDNN_STATUS_BAD_PARAM;
  t.tensor = TensorInfo{t.one<std::int64_t>(CUDNN_ATTR_TENSOR_UNIQUE_ID),
                        t.one<cudnnDataType_t>(CUDNN_ATTR_TENSOR_DATA_TYPE),
                        array_of<4>(t, CUDNN_ATTR_TENSOR_DIMENSIONS),
                        array_of<4>(t, CUDNN_ATTR_TENSOR_STRIDES),
                        alignment,
                        t.one<char>(CUDNN_ATTR_TENSOR_IS_VIRTUAL) != 0};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t understand_window(Descriptor& w) {
  if (w.one<std::int64_t>(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS) != 2 ||
      w.one<cudnnDataType_t>(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_INT8) != CUDNN_DATA_FLOAT ||
      w.one<cudnnConvolutionMode_t>(CUDNN_ATTR_CONVOLUTION_CONV_MODE) != CUDNN_CROSS_CORRELATION)
    return CUDNN_STATUS_BAD_PARAM;
  for (const int name : {CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_ATTR_CONVOLUTION_DILATIONS,
                         CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS}) {
    const auto values = w.all<std::int64_t>(name);
    const bool is_padding = name == CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS || name == CUDNN_ATTR_CONVOLUTION_POST_PADDINGS;
    if (values.size() != 2 || !all_at_least(values, is_padding ? 0 : 1)) return CUDNN_STATUS_BAD_PARAM;
  }
  w.window = WindowInfo{
      array_of<2>(w, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES), array_of<2>(w, CUDNN_ATTR_CONVOLUTION_DILATIONS),
      array_of<2>(w, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS), array_of<2>(w, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS)};
  return CUDNN_STATUS_SUCCESS;
}

bool fit(const OperationInfo& o) {
  for (const std::size_t axis : {0u, 1u}) {
    const std::int64_t extent = (o.b.size[axis + 2] - 1) * o.window.dilation[axis] + 1;
    const std::int64_t room = o.x.size[axis + 2] + o.window.before[axis] + o.window.after[axis] - extent;
    if (room < 0 || o.y.size[axis + 2] != room / o.window.stride[axis] + 1) return false;
  }
  const std::int64_t depth = o.b.size[1], groups = o.x.size[1] / depth;
  return o.x.size[0] == o.y.size[0] && o.b.size[0] == o.y.size[1] && o.x.size[1] % depth == 0 &&
         o.b.size[0] % groups == 0;
}

cudnnStatus_t understand_convolution(Descriptor& c) {
  struct Names {
    Kind kind;
    int x, b, y, window, alpha, beta;
  };
  const Names names = c.type == kForward  ? Names{Kind::forward,
                                                 CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                                                 CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                                                 CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
                                                 CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                                                 CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                                                 CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA}
                      : c.type == kImages ? Names{Kind::images,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA}
                                          : Names{Kind::filters,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                                                  CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};
  if (!c.has({names.x, names.b, names.y, names.window, names.alpha, names.beta})) return CUDNN_STATUS_BAD_PARAM;
  if (c.one<float>(names.alpha) != 1 || c.one<float>(names.beta) != 0) return CUDNN_STATUS_NOT_SUPPORTED;
  OperationInfo made{names.kind, *c.other(names.x).tensor, *c.other(names.b).tensor, *c.other(names.y).tensor,
                     *c.other(names.window).window};
  if (!fit(made)) return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  c.operations = {made};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t understand_pointwise(Descriptor& p) {
  if (!p.has({CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_ATTR_OPERATION_POINTWISE_XDESC,
              CUDNN_ATTR_OPERATION_POINTWISE_YDESC}))
    return CUDNN_STATUS_BAD_PARAM;
  const Descriptor& mode = p.other(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
  const bool adds = mode.one<cudnnPointwiseMode_t>(CUDNN_ATTR_POINTWISE_MODE) == CUDNN_POINTWISE_ADD;
  if (adds != p.has({CUDNN_ATTR_OPERATION_POINTWISE_BDESC})) return CUDNN_STATUS_BAD_PARAM;
  OperationInfo made;
  made.kind = adds ? Kind::add : Kind::relu;
  made.x = *p.other(CUDNN_ATTR_OPERATION_POINTWISE_XDESC).tensor;
  made.y = *p.other(CUDNN_ATTR_OPERATION_POINTWISE_YDESC).tensor;
  if (adds) made.b = *p.other(CUDNN_ATTR_OPERATION_POINTWISE_BDESC).tensor;
  made.keeps_nan = mode.one<cudnnNanPropagation_t>(CUDNN_ATTR_POINTWISE_NAN_PROPAGATION, CUDNN_NOT_PROPAGATE_NAN) ==
                   CUDNN_PROPAGATE_NAN;
  const std::array<std::int64_t, 4> per_channel{1, made.y.size[1], 1, 1};
  if (made.x.size != made.y.size || (adds && made.b.size != per_channel)) return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  p.operations = {made};
  return CUDNN_STATUS_SUCCESS;
}

// Each name is one tensor's; what is between operations is computed before it is read.
cudnnStatus_t understand_graph(Descriptor& g) {
  if (!g.has({CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_ATTR_OPERATIONGRAPH_HANDLE})) return CUDNN_STATUS_BAD_PARAM;
  std::map<std::int64_t, TensorInfo> tensors;
  std::set<std::int64_t> computed;
  for (const void* handle : g.all<void*>(CUDNN_ATTR_OPERATIONGRAPH_OPS))
    for (const OperationInfo& o : descriptor_of(handle).operations) {
      std::vector<TensorInfo> used{o.x, o.y};
      if (o.has_b()) used.push_back(o.b);
      for (const TensorInfo& t : used) {
        if (tensors.emplace(t.id, t).first->second != t) return CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES;
        if (t.is_virtual && t.id != o.result().id && !computed.contains(t.id)) return CUDNN_STATUS_BAD_PARAM;
      }
      computed.insert(o.result().id);
      g.operations.push_back(o);
    }
  return g.operations.empty() ? CUDNN_STATUS_BAD_PARAM : CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t understand_pack(const Descriptor& p) {
  const auto names = p.all<std::int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
  const bool is_whole = !names.empty() && p.has({CUDNN_ATTR_VARIANT_PACK_WORKSPACE}) &&
                        names.size() == p.all<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS).size();
  return is_whole ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_BAD_PARAM;
}

}  // namespace

void demand(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "emulated cuDNN: %s\n", what);
  std::abort();
}

const Descriptor& Descriptor::other(int name) const { return descriptor_of(one<void*>(name)); }

Descriptor& descriptor_of(const void* handle) {
  demand(living().contains(handle), "a descriptor is used that is not there");
  return *static_cast<Descriptor*>(const_cast<void*>(handle));
}
cudnnBackendDescriptor_t make_descriptor(cudnnBackendDescriptorType_t type) {
  auto* made = new Descriptor{type};
  living().insert(made);
  return made;
}
void destroy_descriptor(cudnnBackendDescriptor_t handle) {
  Descriptor& gone = descriptor_of(handle);
  living().erase(handle);
  delete &gone;
}

cudnnStatus_t set_attribute(Descriptor& to, int name, cudnnBackendAttributeType_t type, std::int64_t count,
                            const void* values) {
  if (to.is_final) return CUDNN_STATUS_BAD_PARAM;
  if (count < 1 || !values) return CUDNN_STATUS_BAD_PARAM_NULL_POINTER;
  for (const Rule& rule : kRules) {
    if (rule.name != name || rule.of != to.type) continue;
    if (rule.type != type) return CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE;
    const auto* from = static_cast<const std::byte*>(values);
    to.attributes[name].assign(from, from + static_cast<std::size_t>(count) * bytes_of(type));
    if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR)
      for (const void* handle : to.all<void*>(name))
        if (!descriptor_of(handle).is_final) return CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED;
    return CUDNN_STATUS_SUCCESS;
  }
  return CUDNN_STATUS_BAD_PARAM;
}

cudnnStatus_t understand(Descriptor& what) {
  switch (what.type) {
    case kTensor:
      return understand_tensor(what);
    case kWindow:
      return understand_window(what);
    case kMode:
      return what.has({CUDNN_ATTR_POINTWISE_MODE, CUDNN_ATTR_POINTWISE_MATH_PREC}) ? CUDNN_STATUS_SUCCESS
                                                                                   : CUDNN_STATUS_BAD_PARAM;
    case kForward:
    case kImages:
    case kFilters:
      return understand_convolution(what);
    case kPointwise:
      return understand_pointwise(what);
    case kGraph:
      return understand_graph(what);
    case kPack:
      return understand_pack(what);
    default:
      return CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE;
  }
}

}  // namespace kerata::emulator
