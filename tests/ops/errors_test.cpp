// The text of every message that a wrong argument of these ops gives.
#include "support/errors.h"
#include "graph/node.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "ops/nn_ops.h"
#include "ops/op_list.h"

namespace kerata {
namespace {

const Tensor kMatrix = ops::zeros({2, 3});

TEST(OpErrors, Broadcasting) {
  EXPECT_ERROR(ShapeError, kMatrix + ops::zeros({4}),
               "[add] The shapes do not broadcast. Expected sizes that are equal or 1, received (2, 3) and (4,). Hint: "
               "sizes are "
               "compared from the last axis on; reshape one of them.");
  EXPECT_ERROR_WITH(ShapeError, ops::less(kMatrix, ops::zeros({4})), "[less] The shapes do not broadcast.");
  EXPECT_ERROR_WITH(ShapeError, ops::where(ops::zeros({2}, "bool"), kMatrix, 0),
                    "[where] The shapes do not broadcast.");
  EXPECT_ERROR(ShapeError, ops::broadcast_to(kMatrix, {3, 3}),
               "[broadcast_to] The shapes do not broadcast. Expected sizes that are equal or 1, received (2, 3) and "
               "(3, 3). Hint: "
               "sizes are compared from the last axis on; reshape one of them.");
  EXPECT_ERROR(ShapeError, ops::broadcast_to(kMatrix, {3}),
               "[broadcast_to] Shape (2, 3) does not broadcast to (3,). Expected sizes that are equal or 1.");
  EXPECT_ERROR(ShapeError, ops::sum_to(placeholder({DType::float32, {-1, 3}}), ops::zeros({2, 2, 3})),
               "[sum_to] Expected a shape that broadcasts to (?, 3), received (2, 2, 3).");
}

TEST(OpErrors, Types) {
  const Tensor truth = ops::zeros({2}, "bool");
  EXPECT_ERROR(ValueError, truth - truth, "[subtract] Expected numbers, received bool. Hint: cast to int32.");
  EXPECT_ERROR(ValueError, ops::power(truth, truth), "[power] Expected numbers, received bool. Hint: cast to int32.");
  EXPECT_ERROR(ValueError, -truth, "[negative] Expected numbers, received bool. Hint: cast to int32.");
  EXPECT_ERROR(ValueError, ops::sign(truth), "[sign] Expected numbers, received bool. Hint: cast to int32.");
  EXPECT_ERROR(ValueError, ops::round(truth), "[round] Expected numbers, received bool. Hint: cast to int32.");
  EXPECT_ERROR(ValueError, apply(ops::kAdd, {kMatrix, truth}),
               "[add] Expected operands of one dtype, received float32 and bool.");
  EXPECT_ERROR(ValueError, apply(ops::kEqual, {kMatrix, truth}),
               "[equal] Expected operands of one dtype, received float32 and bool.");
  EXPECT_ERROR(ValueError, apply(ops::kWhere, {kMatrix, truth, truth}),
               "[where] Expected a condition of dtype bool, received float32.");
  EXPECT_ERROR(ValueError, apply(ops::kWhere, {truth, truth, kMatrix}),
               "[where] Expected operands of one dtype, received bool and float32.");
}

TEST(OpErrors, Axes) {
  EXPECT_ERROR(ShapeError, ops::sum(kMatrix, {.axis = 2}),
               "[sum] There is no such axis. Expected -2 to 1, received 2.");
  EXPECT_ERROR(ValueError, ops::mean(kMatrix, {.axis = {1, -1}}),
               "[mean] Expected each axis once, received axis 1 twice.");
  EXPECT_ERROR(ShapeError, ops::argmax(kMatrix, -3), "[argmax] There is no such axis. Expected -2 to 1, received -3.");
  EXPECT_ERROR(ShapeError, ops::expand_dims(kMatrix, 3),
               "[expand_dims] There is no such axis. Expected -3 to 2, received 3.");
  EXPECT_ERROR(ShapeError, ops::squeeze(kMatrix, 0),
               "[squeeze] Axis 0 has not size 1. Expected 1, received shape (2, 3).");
  EXPECT_ERROR(ValueError, ops::transpose(kMatrix, {0, 0}),
               "[transpose] The axes are no permutation. Expected each axis of (2, 3) once, received (0, 0).");
}

TEST(OpErrors, EmptyAxes) {
  EXPECT_ERROR(ValueError, ops::max(ops::zeros({0, 2}), {.axis = 0}),
               "[max] Axis 0 is empty. Expected at least one element, received shape (0, 2).");
  EXPECT_ERROR(ValueError, ops::argmin(ops::zeros({2, 0}), 1),
               "[argmin] Axis 1 is empty. Expected at least one element, received shape (2, 0).");
}

TEST(OpErrors, Reshape) {
  EXPECT_ERROR(
      ShapeError, kMatrix.reshape({4}),
      "[reshape] The number of elements differs. Expected a shape of 6 elements, as (2, 3) has, received (4,).");
  EXPECT_ERROR(
      ShapeError, kMatrix.reshape({-1, 4}),
      "[reshape] The number of elements differs. Expected a shape of 6 elements, as (2, 3) has, received (?, 4).");
  EXPECT_ERROR(ShapeError, kMatrix.reshape({-1, -1}),
               "[reshape] Only one size may be -1, received 2 for x of shape (2, 3).");
}

TEST(OpErrors, JoiningAndCutting) {
  EXPECT_ERROR(ShapeError, ops::concatenate({kMatrix, ops::zeros({2, 4})}, 0),
               "[concatenate] The shapes differ beside axis 0. Expected sizes as in (2, 3), received (2, 4).");
  EXPECT_ERROR(ValueError, ops::concatenate(Tensors()), "[concatenate] Expected at least one tensor, received none.");
  EXPECT_ERROR(ShapeError, ops::stack({kMatrix, ops::zeros({3})}),
               "[stack] The shapes differ. Expected (2, 3), received (3,).");
  EXPECT_ERROR(ShapeError, ops::split(kMatrix, 2, 1),
               "[split] Axis 1 of (2, 3) does not divide into 2 equal parts. Hint: give the indices to cut at.");
  EXPECT_ERROR(ValueError, ops::split(kMatrix, 0), "[split] Expected at least one section, received 0.");
  EXPECT_ERROR(ShapeError, ops::slice(kMatrix, {0}, {1}),
               "[slice] Expected a start and a size for each axis of (2, 3), received 1 starts and 1 sizes.");
  EXPECT_ERROR(ShapeError, ops::slice(kMatrix, {0, 2}, {2, 2}),
               "[slice] The part lies outside axis 1 of (2, 3). Expected start + size of at most 3, received 2 + 2.");
  EXPECT_ERROR(ValueError, kMatrix.slice({.step = -1}),
               "[Tensor.slice] Expected a step of at least 1, received -1. Hint: ops::flip.");
  EXPECT_ERROR(ValueError, kMatrix[2], "[Tensor[]] Index 2 is out of range. Expected -2 to 1, received 2.");
  EXPECT_ERROR(ShapeError, ops::zeros({})[0], "[Tensor[]] A tensor of shape () has no axis to index.");
}

TEST(OpErrors, CountsAndWidths) {
  EXPECT_ERROR(ShapeError, ops::pad(kMatrix, {{1, 1}, {0, 0}, {0, 0}}),
               "[pad] Expected one pair of widths per axis, or one for all: 2, received 3.");
  EXPECT_ERROR(ValueError, ops::pad(kMatrix, {{-1, 1}}), "[pad] Expected widths of at least 0, received -1 and 1.");
  EXPECT_ERROR(ValueError, ops::tile(kMatrix, {-1}), "[tile] Expected repeats of at least 0, received -1.");
  EXPECT_ERROR(ValueError, ops::repeat(kMatrix, -2, 0), "[repeat] Expected repeats of at least 0, received -2.");
  EXPECT_ERROR(ShapeError, ops::repeat(kMatrix, {1, 2, 3}, 0),
               "[repeat] Expected as many repeats as axis 0 of (2, 3) has elements, received 3.");
  EXPECT_ERROR(ValueError, ops::repeat(kMatrix, {1, -2}, 0), "[repeat] Expected repeats of at least 0, received -2.");
  EXPECT_ERROR(ShapeError, ops::pad(ops::zeros({0, 3}), {{1, 1}}, "edge"),
               "[pad] Axis 0 of (0, 3) cannot be padded in mode \"edge\". Expected a known size of at least 1.");
  EXPECT_ERROR(ValueError, ops::top_k(kMatrix, 4),
               "[top_k] Expected k of at most 3 for x of shape (2, 3), received 4.");
  EXPECT_ERROR(ShapeError, ops::top_k(ops::zeros({}), 1), "[top_k] Expected at least one axis, received shape ().");
  EXPECT_ERROR(ValueError, ops::one_hot(ops::arange(3), 0), "[one_hot] Expected at least one class, received 0.");
}

TEST(OpErrors, Indices) {
  EXPECT_ERROR(ValueError, ops::take(kMatrix, ops::array({0, 2}), 0),
               "[take] Index 2 is out of range. Expected an index in [0, 2).");
  EXPECT_ERROR(ValueError, ops::take(kMatrix, ops::array({-3}), 0),
               "[take] Index -3 is out of range. Expected an index in [0, 2).");
  EXPECT_ERROR(ValueError, ops::scatter_add(kMatrix, ops::array({5}), ops::zeros({1, 3})),
               "[scatter_add] Index 5 is out of range. Expected an index in [0, 2).");
  EXPECT_ERROR(
      ShapeError, ops::scatter_add(kMatrix, ops::array({0}), ops::zeros({2, 3})),
      "[scatter_add] The updates do not fit. Expected shape (1, 3) for indices (1,) into (2, 3), received (2, 3).");
  EXPECT_ERROR(ShapeError, ops::scatter_add(ops::zeros({}), ops::array({0}), ops::zeros({1})),
               "[scatter_add] Expected x with at least one axis, received shape ().");
  EXPECT_ERROR(ShapeError, ops::take_along_axis(kMatrix, ops::zeros({3, 3}, "int32"), 1),
               "[take_along_axis] The shapes differ beside axis 1. Expected indices for (2, 3), received (3, 3).");
}

TEST(OpErrors, Creation) {
  EXPECT_ERROR(ShapeError, ops::array({{1, 2}, {3}}),
               "[ops.array] The lists are ragged. Expected 2 elements on axis 1, received 1.");
  EXPECT_ERROR(ShapeError, ops::array({{1}, 2}),
               "[ops.array] The lists are ragged: some hold numbers where others hold lists.");
  EXPECT_ERROR(ValueError, ops::zeros({-1, 2}),
               "[ops.full] Every size must be known. Expected sizes of at least 0, received (?, 2). Hint: x.shape()[0] "
               "of an input "
               "stands for its batch size; zeros_like and ones_like follow any tensor.");
  EXPECT_ERROR(ValueError, ops::arange(0, 1, 0),
               "[ops.arange] Expected a finite range and a step other than 0, received 0 to 1 by 0.");
  EXPECT_ERROR(ValueError, ops::linspace(0, 1, -1), "[ops.linspace] Expected at least 0 points, received -1.");
  EXPECT_ERROR(ValueError, ops::eye(-1), "[ops.eye] Expected at least 0 rows, received -1.");
}

}  // namespace
}  // namespace kerata
