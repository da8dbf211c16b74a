// The ops that passes, kernels and vjp rules name. Their definitions lie beside their public functions.
#pragma once

#include "graph/op_def.h"

namespace kerata::ops {

// Elementwise, two inputs of one dtype, broadcast (math_binary.cpp, math_compare.cpp).
extern const OpDef kAdd, kSubtract, kMultiply, kDivide, kPower, kMaximum, kMinimum;
extern const OpDef kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual;  // bool results
extern const OpDef kLogicalAnd, kLogicalOr;                                        // bool inputs and results

// Elementwise, one input (math_unary.cpp, math_compare.cpp).
extern const OpDef kNegative, kAbs, kSign, kExp, kLog, kLog1p, kExpm1, kSqrt, kRsqrt, kSquare;
extern const OpDef kSin, kCos, kTan, kTanh, kSigmoid, kSoftplus, kErf, kFloor, kCeil, kRound, kRelu;
extern const OpDef kLogicalNot;  // bool -> bool
extern const OpDef kIsfinite;    // floating -> bool
extern const OpDef kCast;        // CastAttrs
extern const OpDef kCastAll;     // CastAttrs; casts of several tensors, in compiled programs for GPUs (join_casts)

extern const OpDef kWhere;  // (bool condition, a, b), all broadcast

// Reductions: ReduceAttrs (reduction.cpp, reduction_index.cpp).
extern const OpDef kSum, kMean, kProd, kMax, kMin, kAny, kAll;
extern const OpDef kArgmax, kArgmin, kCumsum;  // AxisAttrs
extern const OpDef kSumTo;                     // (x, like): x summed over broadcast axes to like's shape

// Moving data (shape_*.cpp).
extern const OpDef kReshape;               // ReshapeAttrs; a view
extern const OpDef kReshapeLike;           // (x, like): x in like's shape, where sizes are unknown; a view
extern const OpDef kExpandDims, kSqueeze;  // AxesAttrs; views, where sizes are unknown (else kReshape)
extern const OpDef kTranspose;             // TransposeAttrs
extern const OpDef kBroadcastTo;           // BroadcastToAttrs
extern const OpDef kBroadcastLike;         // (x, like): where sizes are unknown
extern const OpDef kConcatenate,
    kSplitLike;                       // AxisAttrs; split_like (g, x0, x1 ...): g cut to the shapes of the others
extern const OpDef kSlice, kUnslice;  // SliceAttrs; unslice (g, like): zeros of like's shape with g put at the slice
extern const OpDef kPad;              // PadAttrs
extern const OpDef kFlip;             // AxesAttrs

// By index (index.cpp, index_sort.cpp): AxisAttrs, where `like` only gives the shape.
extern const OpDef kTake;               // (x, indices)
extern const OpDef kTakeGrad;           // (like, indices, updates): zeros with updates added where take read
extern const OpDef kTakeAlongAxis;      // (x, indices)
extern const OpDef kTakeAlongAxisGrad;  // (like, indices, updates)
extern const OpDef kScatterAdd;         // (x, indices, updates), axis 0
extern const OpDef kOneHot;             // OneHotAttrs
extern const OpDef kTopK;               // TopKAttrs -> values, indices
extern const OpDef kArgsort;            // AxisAttrs

// Values (creation.cpp).
extern const OpDef kFull;      // FullAttrs; no input
extern const OpDef kFullLike;  // FullLikeAttrs

// Defined with the linear algebra, network and control ops.
extern const OpDef kMatmul, kSoftmax, kLogSoftmax, kStopGradient;

}  // namespace kerata::ops
