// LayerBase: what all layers and models share. Subclass Layer or MultiLayer (layer.h), not this.
#pragma once

#include <memory>
#include <optional>

#include "kerata/constraints/constraint.h"
#include "kerata/core/dtype_policy.h"
#include "kerata/core/fields.h"
#include "kerata/graph/composite.h"
#include "kerata/initializers/initializer.h"
#include "kerata/regularizers/regularizer.h"

#pragma GCC visibility push(default)

namespace kerata {

class AnyLayer;
class LayerBase;

/// A yes, a no, or "as the call around".
class TrainingFlag {
 public:
  constexpr TrainingFlag() = default;
  constexpr TrainingFlag(bool training) : value_(training ? Training::yes : Training::no) {}
  constexpr TrainingFlag(Training training) : value_(training) {}
  constexpr Training value() const { return value_; }

 private:
  Training value_ = Training::inherit;
};

/// Keyword arguments of a layer call.
struct CallOptions {
  TrainingFlag training = {};
  Tensors mask = {};           // bool (batch, steps), one per input; none: the one riding on the input
  Tensors initial_state = {};  // of a recurrent layer
};

/// A dtype, or that of the layer.
class WeightDType {
 public:
  constexpr WeightDType() = default;
  constexpr WeightDType(DType dtype) : value_(dtype) {}
  consteval WeightDType(const char* word) : value_(Choice<DType>(word)) {}
  constexpr DType value_or(DType of_the_layer) const { return value_.value_or(of_the_layer); }

 private:
  std::optional<DType> value_;
};

/// Options of add_weight.
struct WeightOptions {
  AnyInitializer initializer = {};  // default: glorot_uniform; zeros for integers and bool
  WeightDType dtype = {};           // default: the layer's dtype()
  bool trainable = true;
  AnyRegularizer regularizer = {};
  AnyConstraint constraint = {};
  bool autocast = true;  // whether call() sees it in the compute dtype of a mixed policy; only floating weights
};

namespace detail {

/// How a layer was made: its positional arguments and Options, kept by LayerRef for configs and copies.
class Recipe {
 public:
  virtual ~Recipe() = default;
  virtual Config config() const = 0;  // throws StateError when the class declares no fields()
  virtual std::shared_ptr<LayerBase> remake() const = 0;
};

/// The tail that every Options may have, read wherever it is declared.
struct CommonOptions {
  std::string name;
  bool trainable = true;
  DTypePolicy dtype = {};
  AnyRegularizer activity_regularizer;
  Shape input_shape;
  bool has_input_shape = false;
};

}  // namespace detail

class LayerBase : public Composite, public std::enable_shared_from_this<LayerBase> {
 public:
  /// Inherited by every layer that declares no Options of its own.
  struct Options {
    std::string name = {};  // default: class name without "Layer" in snake_case, numbered within a model
    bool trainable = true;
    DTypePolicy dtype = {};  // of weights and computation; floating inputs are cast to it. "mixed_bfloat16": see there
    Shape input_shape = {};  // without the batch; for a first layer in a Sequential
    static constexpr auto fields() {
      return std::tuple{field("name", &Options::name), field("trainable", &Options::trainable),
                        field("dtype", &Options::dtype)};
    }
  };

  LayerBase();
  ~LayerBase() override;
  LayerBase(const LayerBase&) = delete;
  LayerBase& operator=(const LayerBase&) = delete;

  /// "" until the layer has a name of its own or joins a model.
  std::string name() const;
  bool built() const;
  bool trainable() const;
  /// Also sets it for all layers inside. Takes effect at the next compile.
  void set_trainable(bool trainable);
  /// Keras's order: trainable weights first (own, then of the parts), then the others.
  std::vector<Variable> weights() const;
  std::vector<Variable> trainable_weights() const;
  std::vector<Variable> non_trainable_weights() const;
  /// Positional arguments and Options as get_config() gives them. Throws StateError for a class without fields().
  virtual Config get_config() const;
  /// "Dense": the class name without "Layer", or the registered name ("my_package>Gated").
  virtual std::string class_name() const;

  std::vector<Tensor> expand(const std::vector<Tensor>& inputs, const CallRecord& record) const final;

  // For the library's own code (src/layers/layer_state.h): everything behind the handle.
  struct State;
  State& state() const { return *state_; }
  void adopt_recipe(std::unique_ptr<detail::Recipe> recipe, detail::CommonOptions common);

 protected:
  /// Called in build() (or in the constructor, for weights whose shape is known there).
  Variable add_weight(const std::string& name, const Shape& shape, const WeightOptions& options = {});
  /// A part; the name is its path in saved files. Returns `child`.
  template <class Ref>
  Ref add_layer(const std::string& name, Ref child) {
    adopt_part(name, child);
    return child;
  }
  /// Whether a mask on the inputs passes through to the outputs; default false: it is dropped with a warning.
  void set_supports_masking(bool supports);
  /// Whether call() looks at context.mask(): then the mask is an input of the recorded node, as in Keras.
  void set_uses_mask(bool uses);
  /// Whether floating inputs and weights are cast to the layer's compute dtype in call(); default true.
  void set_autocast(bool autocast);
  /// The dtype of the layer's weights.
  DType dtype() const;
  /// The dtype of the computation and of its results; another one than dtype() under a mixed policy.
  DType compute_dtype() const;

  // What Layer, MultiLayer and models implement:
  virtual void build_all(const std::vector<Shape>& inputs) = 0;
  virtual Tensors call_with(const Tensors& inputs, const CallContext& context) const = 0;
  /// Inputs given by name, in the order that call_with expects.
  virtual Tensors arrange(const Tensors& inputs) const { return inputs; }
  /// Masks of the outputs, from the inputs and their masks (empty tensors where there are none).
  virtual std::vector<Tensor> compute_masks(const Tensors& inputs, const std::vector<Tensor>& masks,
                                            std::size_t num_outputs) const;

 private:
  friend struct LayerAccess;
  void adopt_part(const std::string& name, const AnyLayer& part);
  std::unique_ptr<State> state_;
};

}  // namespace kerata

#pragma GCC visibility pop
