// cuDNN counts the axes as N, C, H, W, whatever lies where: strides say that channels are closest.
#include <algorithm>
#include <optional>

#include "cuda/ops/cudnn_plan.h"

namespace kerata::cuda {
namespace {

// Zeros after the last element that the last window reaches; what no window reaches needs none.
Dim padding_after(Dim in, Dim out, Dim window, Dim stride, Dim dilation, Dim before) {
  return std::max<Dim>(0, (out - 1) * stride + (window - 1) * dilation + 1 - in - before);
}

struct Sizes {
  Dim n, c, h, w;
};

}  // namespace

class CudnnGraph::Maker {
 public:
  Maker(std::deque<CudnnDescriptor>& parts, const CudnnConvolution& convolution)
      : parts_(parts), asked_(convolution), s_(convolution.shape) {}

  void make(const CudnnTarget& target) {
    const CudnnDescriptor& images = tensor(CudnnTensor::images, {s_.batch, s_.channels, s_.in_h, s_.in_w});
    const CudnnDescriptor& filters = tensor(CudnnTensor::filters, {s_.filters, s_.depth, s_.kh, s_.kw});
    if (asked_.pass == ConvPass::forward) {
      bias_and_relu(images, filters);
    } else {
      const CudnnDescriptor& results = tensor(CudnnTensor::results, result_sizes());
      convolution(images, filters, results);
    }
    std::vector<cudnnBackendDescriptor_t> operations;
    for (const CudnnDescriptor* operation : operations_) operations.push_back(operation->get());
    CudnnDescriptor& graph = add(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, std::span(operations));
    if (target.handle) graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, target.handle);
    graph.finalize();
  }

 private:
  CudnnDescriptor& add(cudnnBackendDescriptorType_t type) { return parts_.emplace_back(type); }
  Sizes result_sizes() const { return {s_.batch, s_.filters, s_.out_h, s_.out_w}; }

  const CudnnDescriptor& tensor(std::int64_t id, const Sizes& size, std::optional<cudnnDataType_t> between = {}) {
    CudnnDescriptor& made = add(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    made.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, id);
    made.set(CUDNN_ATTR_TENSOR_DATA_TYPE, between.value_or(cudnn_type(asked_.dtype)));
    made.set(CUDNN_ATTR_TENSOR_DIMENSIONS, {size.n, size.c, size.h, size.w});
    made.set(CUDNN_ATTR_TENSOR_STRIDES, {size.h * size.w * size.c, 1, size.w * size.c, size.c});
    made.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, std::int64_t{kCudnnAlignment});
    if (between) made.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, true);
    made.finalize();
    return made;
  }
  // A value that is never written to memory.
  const CudnnDescriptor& value_between(std::int64_t id) { return tensor(id, result_sizes(), CUDNN_DATA_FLOAT); }

  const CudnnDescriptor& windows() {
    CudnnDescriptor& made = add(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    made.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2});
    made.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT);
    made.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION);
    made.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {s_.stride_h, s_.stride_w});
    made.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, {s_.dilation_h, s_.dilation_w});
    made.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {s_.pad_top, s_.pad_left});
    made.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS,
             {padding_after(s_.in_h, s_.out_h, s_.kh, s_.stride_h, s_.dilation_h, s_.pad_top),
              padding_after(s_.in_w, s_.out_w, s_.kw, s_.stride_w, s_.dilation_w, s_.pad_left)});
    made.finalize();
    return made;
  }

  void convolution(const CudnnDescriptor& images, const CudnnDescriptor& filters, const CudnnDescriptor& results) {
    struct Names {
      cudnnBackendDescriptorType_t type;
      cudnnBackendAttributeName_t images, filters, results, windows, alpha, beta;
    };
    static constexpr Names kNames[] = {
        {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
         CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA},
        {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA},
        {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA}};
    const Names& name = kNames[static_cast<int>(asked_.pass)];
    const CudnnDescriptor& sweep = windows();
    CudnnDescriptor& made = add(name.type);
    made.set(name.images, images);
    made.set(name.filters, filters);
    made.set(name.results, results);
    made.set(name.windows, sweep);
    made.set(name.alpha, 1.0f);
    made.set(name.beta, 0.0f);
    made.finalize();
    operations_.push_back(&made);
  }

  void pointwise(cudnnPointwiseMode_t mode, const CudnnDescriptor& x, const CudnnDescriptor* b,
                 const CudnnDescriptor& y) {
    CudnnDescriptor& what = add(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    what.set(CUDNN_ATTR_POINTWISE_MODE, mode);
    what.set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT);
    if (mode == CUDNN_POINTWISE_RELU_FWD) what.set(CUDNN_ATTR_POINTWISE_NAN_PROPAGATION, CUDNN_PROPAGATE_NAN);
    what.finalize();
    CudnnDescriptor& made = add(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    made.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, what);
    made.set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    if (b) made.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *b);
    made.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    made.finalize();
    operations_.push_back(&made);
  }

  void bias_and_relu(const CudnnDescriptor& images, const CudnnDescriptor& filters) {
    const CudnnDescriptor& results = tensor(CudnnTensor::results, result_sizes());
    const CudnnDescriptor* last = &results;
    if (asked_.has_bias || asked_.has_relu) last = &value_between(CudnnTensor::sums);
    convolution(images, filters, *last);
    if (asked_.has_bias) {
      const CudnnDescriptor& bias = tensor(CudnnTensor::bias, {1, s_.filters, 1, 1});
      const CudnnDescriptor& sums = *last;
      last = asked_.has_relu ? &value_between(CudnnTensor::shifted) : &results;
      pointwise(CUDNN_POINTWISE_ADD, sums, &bias, *last);
    }
    if (asked_.has_relu) pointwise(CUDNN_POINTWISE_RELU_FWD, *last, nullptr, results);
  }

  std::deque<CudnnDescriptor>& parts_;
  const CudnnConvolution& asked_;
  const WindowShape& s_;
  std::vector<const CudnnDescriptor*> operations_;
};

CudnnGraph::CudnnGraph(const CudnnConvolution& convolution, const CudnnTarget& target) {
  Maker(parts_, convolution).make(target);
}

cudnnStatus_t CudnnGraph::status() const {
  for (const CudnnDescriptor& part : parts_)
    if (part.status() != CUDNN_STATUS_SUCCESS) return part.status();
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace kerata::cuda
