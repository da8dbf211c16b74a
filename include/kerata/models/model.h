// Model: the handle on any model; ModelRef: the handle on a class of the user's own.
#pragma once

#include "kerata/models/clone_options.h"
#include "kerata/models/compile_options.h"
#include "kerata/models/fit_options.h"
#include "kerata/models/history.h"
#include "kerata/models/load_options.h"
#include "kerata/models/model_layer.h"
#include "kerata/models/predictor.h"
#include "kerata/models/save_options.h"
#include "kerata/models/scores.h"
#include "kerata/models/summary_options.h"

#pragma GCC visibility push(default)

namespace kerata {

class Optimizer;

/// Layers grouped into something that is trained. A model is a layer too: call it on tensors. Copies are the same
/// model.
class Model : public AnyLayer {
 public:
  using Options = ModelLayer::Options;
  /// Any directed acyclic graph from `inputs` (made by Input()) to `outputs`; by name: {{"title", t}, {"body", b}}. Of
  /// outputs given by name, Keras counts those in lists (targets, losses, metrics) in the order of their sorted names.
  /// Throws ValueError when the graph is disconnected, an input was not made by Input(), or two names are equal.
  explicit Model(const Tensors& inputs, const Tensors& outputs);
  explicit Model(const Tensors& inputs, const Tensors& outputs, const Options& options);

  /// Sets optimizer, loss and metrics. Throws ValueError for names of outputs that do not exist.
  void compile(const CompileOptions& options = {});
  /// Trains. x and y: (samples, ...), one per input and output, by list or by name.
  History fit(const Tensors& x, const Tensors& y, const FitOptions& options = {});
  /// Loss and metrics on data, in batches.
  Scores evaluate(const Tensors& x, const Tensors& y, const EvaluateOptions& options = {});
  /// The one output for all samples; throws ValueError when there are several: predict_all. Safe from many threads. The
  /// states of a stateful LSTM go on from batch to batch and stay afterwards, as in Keras on TensorFlow: such a model
  /// predicts in one thread at a time, a second one gets a StateError.
  Tensor predict(const Tensors& x, const PredictOptions& options = {}) const;
  /// All outputs; also by output name.
  Tensors predict_all(const Tensors& x, const PredictOptions& options = {}) const;
  /// A compiled forward pass for one batch size.
  Predictor make_predictor(Dim batch_size = 1) const;
  /// One step on one batch; the scores are those of this batch alone. Throw StateError before compile().
  Scores train_on_batch(const Tensors& x, const Tensors& y, const BatchStepOptions& options = {});
  Scores test_on_batch(const Tensors& x, const Tensors& y, const BatchStepOptions& options = {});
  /// Throws StateError before compile().
  Optimizer& optimizer();
  /// Ends fit() after the current batch; for callbacks.
  void stop_training();
  bool compiled() const;
  /// Kernels, fused chains and memory of the compiled programs so far.
  std::string executable_report() const;
  /// Moves the weights, and the optimizer's variables, and runs there from now on: model.to(Device::cuda()). Data and
  /// results stay in the CPU's memory. Throws StateError while another thread uses the weights, BackendError when the
  /// device has not enough memory.
  void to(Device device);
  /// Where the model runs: what to() said, else the default device.
  Device device() const;

  /// Writes a .keras file (the default format of Keras), or one in Keras's old .h5 format: architecture, weights, what
  /// compile() was given, and the optimizer's state. Keras opens both. The file is there whole or not at all.
  /// Throws ValueError for another suffix, StateError for a class without fields(), BackendError when writing fails.
  void save(const std::string& path, const SaveOptions& options = {}) const;
  /// Writes the weights, and the optimizer's state: .weights.h5 (Keras opens it; .weights.json with max_shard_size), or
  /// the weights alone by their paths: .npz, .safetensors. Throws StateError before the model is built.
  void save_weights(const std::string& path, const SaveWeightsOptions& options = {}) const;
  /// Reads weights: .weights.h5, .weights.json, .keras, the .h5 of Keras 1 to 3, .npz, .safetensors; and the
  /// optimizer's state where the file holds it and the optimizer has been built. All or nothing: when anything does not
  /// fit, a ValueError says what, and no weight has changed. Throws StateError before the model is built, and while
  /// another thread uses the weights.
  void load_weights(const std::string& path, const LoadWeightsOptions& options = {});

  /// Keras's table of layers, on standard output unless .print_fn is given.
  void summary(const SummaryOptions& options = {}) const;
  /// In Keras's order: by depth from the inputs; a Sequential leaves its InputLayer out.
  std::vector<AnyLayer> layers() const;
  /// Throws ValueError for an unknown name, with the nearest one.
  AnyLayer get_layer(std::string_view name) const;
  AnyLayer get_layer(const char* name) const { return get_layer(std::string_view(name)); }
  /// Negative indices count from the end.
  AnyLayer get_layer(int index) const;
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
  /// The symbolic tensors. Throw StateError for a model without a graph (subclassed, or not built yet).
  Tensors inputs() const;
  Tensors outputs() const;
  /// The one input or output.
  Tensor input() const { return inputs().single(); }
  Tensor output() const { return outputs().single(); }
  Shape input_shape() const { return input().shape(); }
  Shape output_shape() const { return output().shape(); }
  /// Makes the weights for inputs of this shape, the batch included (-1: unknown).
  void build(const Shape& input);
  /// The architecture as JSON text in Keras's form, weights left out: model_from_json() here and in Keras reads it.
  /// Throws StateError for a subclassed model without fields(), and for an op between layers that Keras does not have.
  std::string to_json() const;
  /// A model of its own, not compiled, from what get_config() gave here or in Keras. Throws ValueError naming the layer
  /// and the place for whatever does not fit together.
  static Model from_config(const Config& config, const LoadOptions& options = {});

  // For the library's own code:
  explicit Model(std::shared_ptr<LayerBase> layer);
  ModelLayer& impl() const { return *static_cast<ModelLayer*>(layer_.get()); }

 protected:
  Model() = default;
};

/// Typed handle on a ModelLayer of the user's own: using WideAndDeep = ModelRef<WideAndDeepLayer, Dim>;
template <class Impl, class... Positional>
class ModelRef : public Model {
 public:
  using Options = typename Impl::Options;
  using Implementation = Impl;
  explicit ModelRef(typename ArgumentOf<Positional>::type... arguments, const Options& options = {})
      : Model(LayerRef<Impl, Positional...>::make(options, static_cast<Positional>(arguments)...)) {}
  Impl* operator->() const { return static_cast<Impl*>(layer_.get()); }
  static std::shared_ptr<LayerBase> from_config(const Config& config) {
    return LayerRef<Impl, Positional...>::from_config(config);
  }
};

/// A new model of the same architecture with new weights, compiled as the old one is, with a new optimizer and new
/// metrics; a layer that is called twice is one layer in the copy too. Throws StateError for a subclassed model that
/// was not made through a handle; ValueError for a subclassed model with options, for a Sequential with a
/// call_function, for a clone_function that gives no layer or one with another number of outputs, for a call_function
/// that gives another number of outputs or none, for input_tensors of another number, and when an optimizer or metric
/// of the user's own is not registered; ShapeError for input_tensors of another rank. Example: clone_model(model,
/// {.clone_function = [](const AnyLayer& layer) { return layer; }}) shares all layers.
Model clone_model(const Model& model, const CloneOptions& options = {});
/// What to_json() gave, here or in Keras 1 to 3; compiled where the text says how, with the optimizer in its first
/// state. Throws ValueError with line and column for what is no JSON, else naming layer and place.
Model model_from_json(std::string_view json, const LoadOptions& options = {});

}  // namespace kerata

#pragma GCC visibility pop
