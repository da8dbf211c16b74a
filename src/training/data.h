// The data of fit, evaluate and predict: columns of samples, checked and cut into batches.
#pragma once

#include "kerata/models/model.h"
#include "models/model_state.h"

namespace kerata::training {

/// One input, target or weight of all samples. Keeps the caller's memory; converts on the way when types differ.
class Column {
 public:
  Column(const Tensor& samples, DType wanted);
  Dim samples() const { return samples_; }
  DType dtype() const { return wanted_; }
  const Shape& sample_shape() const { return sample_shape_; }
  ValueType batch_type(Dim count) const;
  /// The rows [begin, end) of it.
  Column cut(Dim begin, Dim end) const;
  /// Whether a batch of neighbouring rows can be read where it lies.
  bool is_direct() const { return direct_; }
  const void* row(Dim index) const { return data_ + static_cast<std::size_t>(index) * row_bytes_; }
  /// Copies rows order[first ... first + count) (or the neighbours when order is null) to `to`, as dtype().
  void gather(const Dim* order, Dim first, Dim count, void* to) const;

 private:
  Tensor keep_;
  const std::byte* data_;
  DType given_, wanted_;
  Shape sample_shape_;
  Dim samples_, row_elements_;
  std::size_t row_bytes_, wanted_bytes_;
  bool direct_;
};

/// Everything one call works on.
struct DataSet {
  std::vector<Column> x, y, weight;
  std::vector<int> target_of;  // per model output: its place in y, or -1
  std::vector<int> weight_of;  // per model output: its place in weight, or -1
  Dim samples = 0;
  std::size_t num_columns() const { return x.size() + y.size() + weight.size(); }
  const Column& column(std::size_t i) const;  // x, then y, then weight
  DataSet cut(Dim begin, Dim end) const;
};

/// The inputs in the model's order, with ranks repaired, as columns. `where` is "Model.fit" and the like.
std::vector<Column> input_columns(const ModelLayer& model, const Tensors& x, std::string_view where);
/// Number of samples of columns that must agree. Throws ValueError for none or for different numbers.
Dim common_samples(const DataSet& data, std::string_view where);
/// One weight per sample from classes: (samples) or (samples, 1) indices, or one-hot rows.
Tensor class_weights(const Tensor& y, const std::map<int, double>& class_weight, std::string_view where);

}  // namespace kerata::training
