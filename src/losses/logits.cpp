#include "losses/logits.h"

#include "graph/node.h"
#include "ops/nn_attrs.h"
#include "ops/op_list.h"

namespace kerata::detail {
namespace {

// Views (a reshape to the same shape) do not change the values.
const Node* producer(const Tensor& y) {
  const Node* node = y.node();
  while (node->op == &ops::kReshape && type_of(node->inputs[0]).shape == node->outputs[0].type.shape)
    node = node->inputs[0].node();
  return node;
}

}  // namespace

Tensor logits_of_softmax(const Tensor& y, Dim axis) {
  const Node* node = producer(y);
  if (node->op != &ops::kSoftmax) return {};
  const Dim rank = y.rank();
  return node->attrs.as<ops::SoftmaxAttrs>().axis == (axis < 0 ? axis + rank : axis) ? node->inputs[0] : Tensor();
}

Tensor logits_of_sigmoid(const Tensor& y) {
  const Node* node = producer(y);
  return node->op == &ops::kSigmoid ? node->inputs[0] : Tensor();
}

}  // namespace kerata::detail
