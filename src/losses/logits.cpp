#include "losses/logits.h"

#include "graph/node.h"
#include "ops/nn_attrs.h"
#include "ops/op_list.h"

namespace kerata::detail {

Tensor logits_of_softmax(const Tensor& y, Dim axis) {
  const Node* node = y.node();
  if (node->op != &ops::kSoftmax) return {};
  const Dim rank = y.rank();
  return node->attrs.as<ops::SoftmaxAttrs>().axis == (axis < 0 ? axis + rank : axis) ? node->inputs[0] : Tensor();
}

Tensor logits_of_sigmoid(const Tensor& y) {
  const Node* node = y.node();
  return node->op == &ops::kSigmoid ? node->inputs[0] : Tensor();
}

}  // namespace kerata::detail
