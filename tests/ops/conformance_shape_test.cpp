#include "conformance.h"
#include "kerata/ops/shape.h"

namespace kerata::test {
namespace {

using List = std::vector<Tensor>;

// Each is multiplied by itself somewhere, so that the second order is not zero.
Tensor sq(const Tensor& x) { return x * x; }
Tensor indices(std::vector<std::int32_t> values, const Shape& shape) {
  return Tensor::from_span<std::int32_t>(values, shape);
}

const Row kMoves[] = {
    {"reshape",
     [](const List& x) {
       return sq(ops::reshape(x[0], {3, -1}));
     },
     {{{2, 3}}, {{3, 1}}, {{3, 0}}}},
    {"transpose",
     [](const List& x) {
       return sq(ops::transpose(x[0], {2, 0, 1}));
     },
     {{{2, 3, 4}}, {{1, 1, 1}}, {{0, 2, 3}}}},
    {"transpose_reversed", [](const List& x) { return sq(ops::transpose(x[0])); }, {{{2, 3}}, {{17, 20}}, {{3}}}},
    {"expand_dims", [](const List& x) { return sq(ops::expand_dims(x[0], 1)); }, {{{2, 3}}, {{1}}}},
    {"squeeze", [](const List& x) { return sq(ops::squeeze(x[0])); }, {{{1, 3, 1}}, {{1, 1}}}},
    {"broadcast_to",
     [](const List& x) {
       return sq(ops::broadcast_to(x[0], {2, 3, 4}));
     },
     {{{3, 1}}, {{4}}, {Shape()}, {{2, 1, 1}}}},
    {"flip", [](const List& x) { return sq(ops::flip(x[0])) * x[0]; }, {{{2, 3}}, {{1}}, {{0, 2}}}},
    {"flip_axis", [](const List& x) { return ops::flip(x[0], 0) * x[0]; }, {{{3, 2}}, {{2, 3, 2}}}},
    {"pad",
     [](const List& x) {
       return sq(ops::pad(x[0], {{1, 2}, {0, 1}}, 0.5));
     },
     {{{2, 3}}, {{0, 2}}, {{1, 1}}}},
    {"tile",
     [](const List& x) {
       return sq(ops::tile(x[0], {2, 1, 3}));
     },
     {{{2, 3}}, {{1, 2, 2}}}},
    {"repeat", [](const List& x) { return sq(ops::repeat(x[0], 3, 0)); }, {{{2, 3}}, {{0, 3}}, {{1}}}},
    {"repeat_counts",
     [](const List& x) {
       return sq(ops::repeat(x[0], {2, 0, 1}, 1));
     },
     {{{2, 3}}, {{0, 3}}}},
    {"repeat_flat", [](const List& x) { return sq(ops::repeat(x[0], 2)); }, {{{2, 3}}, {{0, 3}}, {Shape()}}},
    {"pad_mirrored",
     [](const List& x) {
       return sq(ops::pad(x[0], {{2, 1}}, "reflect")) + sq(ops::pad(x[0], {{2, 1}}, "symmetric"));
     },
     {{{2, 3}}, {{1}}, {{4}}}},
    {"pad_repeated",
     [](const List& x) {
       return sq(ops::pad(x[0], {{3, 1}}, "wrap")) * ops::pad(x[0], {{3, 1}}, "edge");
     },
     {{{2, 3}}, {{1}}}},
    {"concatenate",
     [](const List& x) {
       return sq(ops::concatenate({x[0], x[1], x[0]}, -1));
     },
     {{{2, 3}, {2, 1}}, {{2, 0}, {2, 2}}}},
    {"stack",
     [](const List& x) {
       return sq(ops::stack({x[0], x[1]}, 1));
     },
     {{{2, 3}, {2, 3}}, {{1}, {1}}}},
    {"split",
     [](const List& x) { return ops::split(x[0], 3, -1)[1] * ops::split(x[0], 3, -1)[2]; },
     {{{2, 6}}, {{3}}, {{0, 3}}}},
    {"slice",
     [](const List& x) {
       return sq(ops::slice(x[0], {1, 0}, {2, 2}));
     },
     {{{3, 3}}, {{3, 2}}}},
    {"slice_step",
     [](const List& x) { return sq(x[0].slice({.axis = 1, .start = -4, .step = 3})); },
     {{{2, 5}}, {{1, 4}}, {{0, 4}}}},
    {"slice_rows", [](const List& x) { return sq(x[0].slice({.start = 1, .stop = 3})); }, {{{4, 2}}, {{3}}}},
    {"index", [](const List& x) { return sq(x[0][-1]) * x[0][0]; }, {{{3, 2}}, {{2}}}},
};

const Row kIndices[] = {
    {"take_rows",
     [](const List& x) {
       return sq(ops::take(x[0], indices({0, 2, 2, -1}, {2, 2}), 0));
     },
     {{{3, 2}}, {{3}}, {{3, 2, 2}}}},
    {"take_columns",
     [](const List& x) {
       return sq(ops::take(x[0], indices({1, 0, 1}, {3}), 1));
     },
     {{{3, 2}}, {{2, 2, 3}}}},
    {"take_nothing", [](const List& x) { return sq(ops::take(x[0], indices({}, {0}), 0)); }, {{{3, 2}}}},
    {"take_scalar", [](const List& x) { return sq(ops::take(x[0], indices({1}, Shape()), 0)); }, {{{3, 2}}}},
    {"take_along_axis",
     [](const List& x) {
       return sq(ops::take_along_axis(x[0], indices({1, 0, 1, 1}, {2, 2}), 0));
     },
     {{{2, 2}}, {{3, 2}}}},
    {"scatter_add",
     [](const List& x) {
       return sq(ops::scatter_add(x[0], indices({0, 2, 0}, {3}), x[1]));
     },
     {{{3, 2}, {3, 2}}, {{3}, {3}}}},
    {"top_k", [](const List& x) { return sq(ops::top_k(x[0], 2)[0]); }, {{{2, 4}}, {{3}}}},
    {"sort", [](const List& x) { return sq(ops::sort(x[0], 0)) * x[0]; }, {{{4, 2}}, {{3}}, {{1}}}},
};

std::string row_name(const testing::TestParamInfo<Row>& info) { return info.param.name; }

using ConformanceOfShapes = Conformance;
TEST_P(ConformanceOfShapes, Float32AndGradients) { check_row(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Moves, ConformanceOfShapes, testing::ValuesIn(kMoves), row_name);
INSTANTIATE_TEST_SUITE_P(Indices, ConformanceOfShapes, testing::ValuesIn(kIndices), row_name);

}  // namespace
}  // namespace kerata::test
