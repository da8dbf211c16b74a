// Ops that move, join, cut or index.
#include <algorithm>
#include <utility>

#include "core/require.h"
#include "models/op_rows.h"
#include "ops/op_list.h"
#include "ops/shape_attrs.h"

namespace kerata::models {
namespace {

constexpr Dim kMostParts = 65536;  // a file may ask for any number

Tensors read_reshape(const OpArguments& call) { return ops::reshape(call.tensor(0, "x"), call.shape("newshape")); }

Tensors read_transpose(const OpArguments& call) {
  return ops::transpose(call.tensor(0, "x"), call.option("axes") ? call.integers("axes") : std::vector<Dim>());
}

Tensors read_expand_dims(const OpArguments& call) {
  Tensor x = call.tensor(0, "x");
  std::vector<Dim> axes = call.integers("axis");
  const Dim rank = x.rank() + static_cast<Dim>(axes.size());
  for (Dim& axis : axes)
    if (axis < 0) axis += rank;
  std::sort(axes.begin(), axes.end());
  for (Dim axis : axes) x = ops::expand_dims(x, axis);
  return x;
}

Tensors read_squeeze(const OpArguments& call) {
  Tensor x = call.tensor(0, "x");
  if (!call.option("axis")) return ops::squeeze(x);
  std::vector<Dim> axes = call.integers("axis");
  for (Dim& axis : axes)
    if (axis < 0) axis += x.rank();
  std::sort(axes.rbegin(), axes.rend());
  for (Dim axis : axes) x = ops::squeeze(x, axis);
  return x;
}

Tensors read_broadcast_to(const OpArguments& call) {
  return ops::broadcast_to(call.tensor(0, "x"), call.shape("shape"));
}

Tensors read_concatenate(const OpArguments& call) {
  const Tensors xs = call.list(0, "xs");
  if (call.option("axis")) return ops::concatenate(xs, call.integer("axis"));
  std::vector<Tensor> rows;
  for (const Tensor& x : xs) rows.push_back(ops::reshape(x, {-1}));
  return ops::concatenate(Tensors(std::move(rows)), 0);
}

Tensors read_stack(const OpArguments& call) { return ops::stack(call.list(0, "x"), call.integer("axis", 0)); }

Tensors read_split(const OpArguments& call) {
  const Tensor x = call.tensor(0, "x");
  const Config* cuts = call.option("indices_or_sections");
  const Dim axis = call.integer("axis", 0);
  if (!cuts) call.refuse("The config has no \"indices_or_sections\".");
  if (cuts->is_list()) return ops::split(x, call.integers("indices_or_sections"), axis);
  if (cuts->as_integer() > kMostParts)
    call.refuse(join_text("Expected at most ", kMostParts, " sections, received ", cuts->as_integer(), "."));
  return ops::split(x, cuts->as_integer(), axis);
}

Tensors read_slice(const OpArguments& call) {
  const Config* starts = call.argument(1, "start_indices");
  if (!starts) call.refuse("The argument `start_indices` is missing.");
  std::vector<Dim> start;
  for (const Config& index : starts->as_list()) start.push_back(index.as_integer());
  return ops::slice(call.tensor(0, "inputs"), start, call.shape("shape"));
}

Tensors read_pad(const OpArguments& call) {
  const Config* mode = call.option("mode");
  const Config* widths = call.option("pad_width");
  if (!widths) call.refuse("The config has no \"pad_width\".");
  std::vector<std::pair<Dim, Dim>> pairs;
  auto add = [&](const Config& width) {
    if (!width.is_list()) return void(pairs.emplace_back(width.as_integer(), width.as_integer()));
    const Config::List& both = width.as_list();
    if (both.empty() || both.size() > 2) call.refuse("Expected pairs of widths in \"pad_width\".");
    pairs.emplace_back(both.front().as_integer(), both.back().as_integer());
  };
  const bool is_pair = widths->is_list() && !widths->as_list().empty() && !widths->as_list()[0].is_list();
  if (!widths->is_list() || is_pair)
    add(*widths);
  else
    for (const Config& width : widths->as_list()) add(width);
  for (const auto& [before, after] : pairs)
    if (std::max(before, after) > INT32_MAX) call.refuse("A width in \"pad_width\" is too large.");
  const Config* constant = call.argument(1, "constant_values");
  return ops::pad(call.tensor(0, "x"), pairs,
                  mode ? Choice<PadMode>::parse(mode->as_text()) : Choice<PadMode>(PadMode::constant),
                  constant ? constant->as_number() : 0);
}

Tensors read_flip(const OpArguments& call) {
  Tensor x = call.tensor(0, "x");
  if (!call.option("axis")) return ops::flip(x);
  for (Dim axis : call.integers("axis")) x = ops::flip(x, axis);
  return x;
}

Tensors read_tile(const OpArguments& call) { return ops::tile(call.tensor(0, "x"), call.integers("repeats")); }

Tensors read_repeat(const OpArguments& call) {
  const std::vector<Dim> repeats = call.integers("repeats");
  const Tensor x = flat_without_axis(call, call.tensor(0, "x"));
  const Dim axis = call.integer("axis", 0);
  return repeats.size() == 1 ? ops::repeat(x, repeats[0], axis) : ops::repeat(x, repeats, axis);
}

Tensors read_take(const OpArguments& call) {
  return ops::take(flat_without_axis(call, call.tensor(0, "x")), call.tensor(1, "indices"), call.integer("axis", 0));
}

Tensors read_take_along_axis(const OpArguments& call) {
  const Tensor indices = call.tensor(1, "indices");
  return ops::take_along_axis(flat_without_axis(call, call.tensor(0, "x")), flat_without_axis(call, indices),
                              call.integer("axis", 0));
}

// Keras: indices (updates, axes that they index); Kerata adds rows, so that must be one.
Tensors read_scatter_update(const OpArguments& call) {
  call.require_plain("reduction", "add");
  if (!call.option("reduction")) call.refuse("`reduction` = null is not supported. Expected \"add\".");
  const Tensor indices = call.tensor(1, "indices");
  if (indices.rank() != 2 || indices.shape()[1] != 1)
    call.refuse("Expected indices of shape (updates, 1), received " + to_string(indices.shape()) + ".");
  return ops::scatter_add(call.tensor(0, "inputs"), ops::squeeze(indices, 1), call.tensor(2, "updates"));
}

Tensors read_one_hot(const OpArguments& call) {
  call.require_plain("sparse", false);
  return ops::one_hot(call.tensor(0, "x"), call.integer("num_classes"), call.integer("axis", -1),
                      call.dtype("dtype", DType::float32));
}

/// x[key]: one element of the key after the other, from the first axis on.
class Indexing {
 public:
  Indexing(const OpArguments& call, Tensor x) : call_(call), x_(std::move(x)) {}

  Tensor run(const Config& key) {
    Config::List parts = key.is_list() ? key.as_list() : Config::List{key};
    Dim used = 0;
    for (const Config& part : parts) used += !part.is_null() && class_of(part) != "__ellipsis__";
    if (used > x_.rank()) call_.refuse(join_text("There are more indices than the ", x_.rank(), " axes of x."));
    skipped_ = x_.rank() - used;
    for (const Config& part : parts) apply(part);
    return x_;
  }

 private:
  static std::string class_of(const Config& part) {
    const Config* name = part.is_object() ? part.find("class_name") : nullptr;
    return name && name->is_text() ? name->as_text() : std::string();
  }

  void apply(const Config& part) {
    if (part.is_null()) {
      x_ = ops::expand_dims(x_, axis_++);
    } else if (class_of(part) == "__ellipsis__") {
      axis_ += std::exchange(skipped_, 0);
    } else if (class_of(part) == "__slice__") {
      const Config* slice = part.find("config");
      if (!slice || !slice->is_object()) call_.refuse("A slice has no bounds: " + excerpt(part) + ".");
      cut(*slice);
    } else if (part.is_integer() && !part.is_bool()) {
      const Dim i = part.as_integer(), size = x_.shape()[axis_];
      if (size >= 0 && (i < -size || i >= size))
        call_.refuse(join_text("Index ", i, " is out of range for axis ", axis_, " of ", x_.shape(), "."));
      x_ = x_.slice({.axis = axis_, .start = i, .stop = i == -1 ? kEnd : i + 1});
      x_ = ops::squeeze(x_, axis_);
    } else if (part.is_object()) {
      const Tensor indices = call_.tensor_of(part);
      x_ = ops::take(x_, indices, axis_);
      axis_ += indices.rank();
    } else {
      call_.refuse("Expected slices, numbers, None, ... or a tensor as the index, received " + excerpt(part) + ".");
    }
  }

  void cut(const Config& slice) {
    auto bound = [&](const char* name, Dim otherwise) {
      const Config* value = slice.find(name);
      return value && !value->is_null() ? value->as_integer() : otherwise;
    };
    const Dim step = bound("step", 1);
    if (step < 0) {
      const Config *start = slice.find("start"), *stop = slice.find("stop");
      if (step != -1 || (start && !start->is_null()) || (stop && !stop->is_null()))
        call_.refuse("Of the slices that go backwards only x[::-1] is supported.");
      x_ = ops::flip(x_, axis_);
    } else {
      const Dim start = bound("start", 0), stop = bound("stop", kEnd);
      if (start != 0 || stop != kEnd || step != 1)
        x_ = x_.slice({.axis = axis_, .start = start, .stop = stop, .step = step});
    }
    ++axis_;
  }

  const OpArguments& call_;
  Tensor x_;
  Dim axis_ = 0, skipped_ = 0;
};

Tensors read_get_item(const OpArguments& call) {
  const Config* key = call.argument(1, "key");
  return Indexing(call, call.tensor(0, "x")).run(key ? *key : Config());
}

Config slice_config(Dim start, Dim stop, Dim step) {
  const Config fields = Config::Object{{"start", start == 0 ? Config() : Config(start)},
                                       {"stop", stop == kEnd ? Config() : Config(stop)},
                                       {"step", step == 1 ? Config() : Config(step)}};
  return Config::Object{{"class_name", "__slice__"}, {"config", fields}};
}

void write_slice(OpWriting& writing) {
  const auto& p = writing.attrs<ops::SliceAttrs>();
  Config::List key;
  for (std::size_t i = 0; i < p.start.size(); ++i) key.push_back(slice_config(p.start[i], p.stop[i], p.step[i]));
  while (key.size() > 1 && key.back() == slice_config(0, kEnd, 1)) key.pop_back();
  writing.args.push_back(key.size() == 1 ? key[0] : Config(std::move(key)));
}

/// Keras has no name for a size that is known at run time only; one of them can be -1.
Config sizes_config(const OpWriting& writing, const Shape& shape, const char* what) {
  Config::List sizes;
  Dim unknown = 0;
  for (Dim size : shape) {
    unknown += size < 0;
    sizes.emplace_back(size < 0 ? -1 : size);
  }
  require<StateError>(unknown <= 1, writing.node.op->name, "The ", what, " of ", writing.node.op->name, ", ", shape,
                      ", has ", unknown,
                      " sizes that are known at run time only, and Keras's config cannot say that. "
                      "Expected at most one.");
  return Config(std::move(sizes));
}

void write_reshape(OpWriting& writing) {
  writing.option("newshape", sizes_config(writing, writing.attrs<ops::ReshapeAttrs>().shape, "new shape"));
}
void write_broadcast_to(OpWriting& writing) {
  const Shape& shape = writing.attrs<ops::BroadcastToAttrs>().shape;
  require<StateError>(shape.is_known(), writing.node.op->name, "The shape of broadcast_to, ", shape,
                      ", has a size that is known at run time only, and Keras's "
                      "config cannot say that.");
  writing.option("shape", sizes_config(writing, shape, "shape"));
}
void write_axes(OpWriting& writing) { writing.option("axis", axes_config(writing.attrs<ops::AxesAttrs>().axes, -1)); }
void write_flip(OpWriting& writing) {
  writing.option("axis", axes_config(writing.attrs<ops::AxesAttrs>().axes, writing.type().shape.rank()));
}
void write_transpose(OpWriting& writing) {
  const auto& axes = writing.attrs<ops::TransposeAttrs>().axes;
  writing.option("axes", Config(Config::List(axes.begin(), axes.end())));
}
void write_concatenate(OpWriting& writing) {
  write_axis(writing);
  writing.args = {Config(std::move(writing.args))};
}
void write_pad(OpWriting& writing) {
  const auto& p = writing.attrs<ops::PadAttrs>();
  Config::List widths;
  for (std::size_t i = 0; i < p.before.size(); ++i) widths.push_back(Config(Config::List{p.before[i], p.after[i]}));
  writing.option("pad_width", Config(std::move(widths)));
  writing.option("mode", "constant");
  writing.kwargs.set("constant_values", p.constant == 0 ? Config() : Config(p.constant));
}
void write_one_hot(OpWriting& writing) {
  const auto& p = writing.attrs<ops::OneHotAttrs>();
  writing.option("num_classes", p.num_classes);
  writing.option("axis", p.axis == writing.type().shape.rank() ? Dim{-1} : p.axis);
  writing.option("dtype", std::string(to_string(p.dtype)));
  writing.option("sparse", false);
}

constexpr OpRow kRows[] = {
    {kNumpyModule, "Reshape", read_reshape, &ops::kReshape, write_reshape},
    {kNumpyModule, "Transpose", read_transpose, &ops::kTranspose, write_transpose},
    {kNumpyModule, "ExpandDims", read_expand_dims, &ops::kExpandDims, write_axes},
    {kNumpyModule, "Squeeze", read_squeeze, &ops::kSqueeze, write_axes},
    {kNumpyModule, "BroadcastTo", read_broadcast_to, &ops::kBroadcastTo, write_broadcast_to},
    {kNumpyModule, "Concatenate", read_concatenate, &ops::kConcatenate, write_concatenate},
    {kNumpyModule, "Stack", read_stack},
    {kNumpyModule, "Split", read_split},
    {kCoreModule, "Slice", read_slice},
    {kNumpyModule, "GetItem", read_get_item, &ops::kSlice, write_slice},
    {kNumpyModule, "Pad", read_pad, &ops::kPad, write_pad},
    {kNumpyModule, "Flip", read_flip, &ops::kFlip, write_flip},
    {kNumpyModule, "Tile", read_tile},
    {kNumpyModule, "Repeat", read_repeat},
    {kNumpyModule, "Take", read_take, &ops::kTake, write_axis},
    {kNumpyModule, "TakeAlongAxis", read_take_along_axis, &ops::kTakeAlongAxis, write_axis},
    {kCoreModule, "ScatterUpdate", read_scatter_update},
    {kNeuralModule, "OneHot", read_one_hot, &ops::kOneHot, write_one_hot},
};

}  // namespace

std::span<const OpRow> shape_op_rows() { return kRows; }

}  // namespace kerata::models
