#include "training/data.h"

#include <cmath>
#include <cstring>

#include "backend/parallel.h"
#include "core/convert.h"
#include "core/near_name.h"
#include "core/require.h"

namespace kerata::training {
namespace {

constexpr Dim kConvertAtOnce = 1 << 20;  // elements: smaller columns are converted once, larger ones batch by batch
constexpr Dim kParallelBytes = 1 << 15;  // of the batch: what pays for a thread; the rows lie scattered in memory

// Rows of a size known to the compiler: no call per row.
template <class T>
void copy_rows(const std::byte* from, const Dim* order, Dim first, Dim count, void* to) {
  const T* rows = reinterpret_cast<const T*>(from);
  T* out = static_cast<T*>(to);
  for (Dim i = 0; i < count; ++i) out[i] = rows[order[first + i]];
}

// The rows of a shuffled batch lie anywhere: the processor cannot foresee the next one.
void prefetch(const void* row, std::size_t bytes) {
  const char* first = static_cast<const char*>(row);
  for (std::size_t i = 0; i < std::min<std::size_t>(bytes, 4096); i += 64) __builtin_prefetch(first + i);
}

// "(samples, 28, 28)"
std::string shape_text(const Shape& sample) {
  std::string text = "(samples";
  for (const Dim size : sample) text += ", " + (size < 0 ? std::string("?") : std::to_string(size));
  return text + (sample.rank() == 0 ? ",)" : ")");
}

}  // namespace

Column::Column(const Tensor& samples, DType wanted)
    : keep_(on_host(samples)),
      given_(samples.dtype()),
      wanted_(wanted),
      sample_shape_(samples.shape().from(1)),
      samples_(samples.shape()[0]) {
  if (given_ != wanted && samples.size() <= kConvertAtOnce) {
    const Tensor given = keep_;
    keep_ = concrete({wanted, samples.shape()});
    convert(output_of(given).data(), given_, output_of(keep_).data(), wanted,
            static_cast<std::size_t>(samples.size()));
    given_ = wanted;
  }
  data_ = output_of(keep_).data();
  row_elements_ = sample_shape_.size();
  row_bytes_ = size_of(given_) * static_cast<std::size_t>(row_elements_);
  wanted_bytes_ = size_of(wanted_) * static_cast<std::size_t>(row_elements_);
  direct_ = given_ == wanted_;
}

ValueType Column::batch_type(Dim count) const {
  Shape shape{count};
  for (Dim size : sample_shape_) shape.push_back(size);
  return {wanted_, shape};
}

Column Column::cut(Dim begin, Dim end) const {
  Column part = *this;
  part.data_ += static_cast<std::size_t>(begin) * row_bytes_;
  part.samples_ = end - begin;
  return part;
}

void Column::gather(const Dim* order, Dim first, Dim count, void* to) const {
  if (!order && direct_) {
    std::memcpy(to, row(first), static_cast<std::size_t>(count) * row_bytes_);
    return;
  }
  if (direct_ && row_bytes_ == 4) return copy_rows<std::uint32_t>(data_, order, first, count, to);
  if (direct_ && row_bytes_ == 8) return copy_rows<std::uint64_t>(data_, order, first, count, to);
  auto* out = static_cast<std::byte*>(to);
  const auto row_bytes = static_cast<Dim>(std::max<std::size_t>(1, wanted_bytes_));
  parallel_for(count, std::max<Dim>(1, kParallelBytes / row_bytes), [&](Dim begin, Dim end) {
    for (Dim i = begin; i < end; ++i) {
      if (order && i + 2 < end) prefetch(row(order[first + i + 2]), row_bytes_);
      const void* from = row(order ? order[first + i] : first + i);
      std::byte* place = out + static_cast<std::size_t>(i) * wanted_bytes_;
      if (direct_)
        std::memcpy(place, from, row_bytes_);
      else
        convert(from, given_, place, wanted_, static_cast<std::size_t>(row_elements_));
    }
  });
}

const Column& DataSet::column(std::size_t i) const {
  if (i < x.size()) return x[i];
  i -= x.size();
  return i < y.size() ? y[i] : weight[i - y.size()];
}

DataSet DataSet::cut(Dim begin, Dim end) const {
  DataSet part = *this;
  for (auto* list : {&part.x, &part.y, &part.weight})
    for (Column& column : *list) column = column.cut(begin, end);
  part.samples = end - begin;
  return part;
}

Dim common_samples(const DataSet& data, std::string_view where) {
  const Dim samples = data.x[0].samples();
  bool same = true;
  for (std::size_t i = 0; i < data.num_columns(); ++i) same = same && data.column(i).samples() == samples;
  if (!same) {
    auto sizes = [](const std::vector<Column>& list) {
      std::string text;
      for (const Column& column : list) text += (text.empty() ? "" : ", ") + std::to_string(column.samples());
      return text;
    };
    fail<ValueError>(
        where,
        "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples. Received 'x' sizes: ",
        sizes(data.x), "; 'y' sizes: ", sizes(data.y),
        data.weight.empty() ? "" : "; 'sample_weight' sizes: " + sizes(data.weight), '.');
  }
  require<ValueError>(samples > 0, where, "The data is empty. Expected at least one sample, received 0.");
  return samples;
}

namespace {

void check_concrete(const Tensor& x, std::string_view where, std::string_view what) {
  require<ValueError>(!x.is_empty(), where, what, " is an empty tensor. Expected data.");
  require<ValueError>(!x.is_symbolic(), where, what,
                      " is symbolic. Expected data, received the result of Input() or of a layer "
                      "called on one.");
  require<ShapeError>(x.rank() >= 1, where, what, " is a scalar. Expected shape (samples, ...), received ().");
}

// As Keras's functional models do: a last axis of size 1 is added or taken where that makes the ranks agree.
Tensor repair_rank(const Tensor& x, const Shape& expected, std::string_view where, std::string_view what) {
  const Shape shape = x.shape();
  Shape repaired = shape;
  if (shape.rank() + 1 == expected.rank() && (expected.back() == 1 || expected.back() < 0))
    repaired.push_back(1);
  else if (shape.rank() == expected.rank() + 1 && shape.back() == 1)
    repaired = Shape(shape.begin(), shape.end() - 1);
  require<ShapeError>(repaired.rank() == expected.rank(), where, what, " has the wrong rank. Expected ",
                      shape_text(expected.from(1)), ", received ", shape,
                      ". Hint: reshape the data, or the model's Input.");
  for (Dim axis = 1; axis < expected.rank(); ++axis)
    require<ShapeError>(expected[axis] < 0 || expected[axis] == repaired[axis], where, what,
                        " has the wrong size on axis ", axis, ". Expected ", shape_text(expected.from(1)),
                        ", received ", shape, '.');
  return repaired.rank() == shape.rank() ? x : x.reshape(repaired);
}

// The tensors of `x` in the order of `names`.
std::vector<Tensor> by_name(const Tensors& x, const std::vector<std::string>& names, std::string_view where) {
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const std::string& given : x.names())
    require<ValueError>(std::find(names.begin(), names.end(), given) != names.end(), where, "The model has no input \"",
                        given, "\".", name_hint(given, known));
  std::vector<Tensor> list;
  for (const std::string& name : names) {
    const auto found = std::find(x.names().begin(), x.names().end(), name);
    require<ValueError>(found != x.names().end(), where, "Input \"", name, "\" is missing in x.");
    list.push_back(x.list()[static_cast<std::size_t>(found - x.names().begin())]);
  }
  return list;
}

DType subclass_type(DType given) { return is_floating(given) ? DType::float32 : given; }

}  // namespace

std::vector<Column> input_columns(const ModelLayer& model, const Tensors& x, std::string_view where) {
  require<ValueError>(!x.empty(), where, "No input data. Expected at least one tensor, received none.");
  std::vector<Column> columns;
  if (!models::is_functional(model)) {
    for (const Tensor& tensor : x) {
      check_concrete(tensor, where, "x");
      columns.emplace_back(tensor, subclass_type(tensor.dtype()));
    }
    return columns;
  }
  const std::vector<std::string> names = models::input_names_of(model);
  const std::vector<Tensor>& inputs = models::inputs_of(model);
  const std::vector<Tensor> list = x.names().empty() ? x.list() : by_name(x, names, where);
  std::string expected;
  for (const std::string& name : names) expected += (expected.empty() ? "" : ", ") + name;
  require<ValueError>(list.size() == inputs.size(), where, "Wrong number of inputs. Expected ", inputs.size(), " (",
                      expected, "), received ", list.size(), '.');
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string what = "Input \"" + names[i] + "\"";
    check_concrete(list[i], where, what);
    columns.emplace_back(repair_rank(list[i], inputs[i].shape(), where, what), inputs[i].dtype());
  }
  return columns;
}

Tensor class_weights(const Tensor& y, const std::map<int, double>& class_weight) {
  const Tensor classes = y.rank() > 1 && y.shape().back() != 1 ? y.argmax(-1) : y;
  require<ShapeError>(classes.size() == y.shape()[0], "Model.fit",
                      "class_weight needs one class per sample. Expected targets (samples,), "
                      "(samples, 1) or one-hot (samples, classes), received ",
                      y.shape(), '.');
  std::vector<float> weights;
  for (const double label : classes.to_vector<double>()) {
    const auto found = class_weight.find(static_cast<int>(std::nearbyint(label)));
    weights.push_back(found == class_weight.end() ? 1.0f : static_cast<float>(found->second));
  }
  return Tensor::from_span<float>(weights, {classes.size()});
}

}  // namespace kerata::training
