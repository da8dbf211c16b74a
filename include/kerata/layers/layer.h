// Layer and MultiLayer (to subclass), AnyLayer (any handle), LayerRef (the typed handle users write).
#pragma once

#include <tuple>
#include <typeinfo>

#include "kerata/core/registration.h"
#include "kerata/layers/layer_base.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Base of a layer with one input and one output. call() is const: it records ops and changes nothing.
class Layer : public LayerBase {
 public:
  /// Makes the weights; called once, before the first call. Sizes of the batch and of variable axes are negative.
  virtual void build(const Shape& input);
  virtual Tensor call(const Tensor& x, const CallContext& context) const = 0;
  /// The mask of the output. Default: `mask` where set_supports_masking(true), else none.
  virtual Tensor compute_mask(const Tensor& x, const Tensor& mask) const;

 protected:
  void build_all(const std::vector<Shape>& inputs) final;
  Tensors call_with(const Tensors& inputs, const CallContext& context) const final;
  std::vector<Tensor> compute_masks(const Tensors& inputs, const std::vector<Tensor>& masks,
                                    std::size_t num_outputs) const final;
};

/// Base of a layer with several inputs or outputs.
class MultiLayer : public LayerBase {
 public:
  virtual void build(const std::vector<Shape>& /*inputs*/) {}
  virtual Tensors call(const Tensors& inputs, const CallContext& context) const = 0;

 protected:
  void build_all(const std::vector<Shape>& inputs) override { build(inputs); }
  Tensors call_with(const Tensors& inputs, const CallContext& context) const override { return call(inputs, context); }
};

/// Handle on any layer or model. Copies are the same layer.
class AnyLayer {
 public:
  /// The one output; throws ValueError when there are several: call_all gives however many there are. On symbolic
  /// tensors this makes a graph node, on concrete ones it computes. Builds the layer first if need be.
  [[nodiscard]] Tensor operator()(const Tensors& inputs, const CallOptions& options = {}) const;
  [[nodiscard]] Tensors call_all(const Tensors& inputs, const CallOptions& options = {}) const;

  std::string name() const;
  std::string class_name() const;
  bool built() const;
  bool trainable() const;
  void set_trainable(bool trainable) const;
  /// Of the first call on symbolic tensors; throw StateError if there was none, ValueError if there are several.
  Tensor input() const;
  Tensor output() const;
  Shape input_shape() const;
  Shape output_shape() const;
  std::vector<Variable> weights() const;
  std::vector<Variable> trainable_weights() const;
  std::vector<Variable> non_trainable_weights() const;
  std::vector<Variable> trainable_variables() const { return trainable_weights(); }
  /// Copies, in the order of weights().
  Tensors get_weights() const;
  /// All or nothing. Throws ValueError for a wrong number, ShapeError for a wrong shape, StateError before build.
  void set_weights(const Tensors& values) const;
  /// Throws StateError before build.
  Dim count_params() const;
  Config get_config() const;
  bool is_empty() const { return layer_ == nullptr; }

  // For the library's own code:
  explicit AnyLayer(std::shared_ptr<LayerBase> layer) : layer_(std::move(layer)) {}
  const std::shared_ptr<LayerBase>& ptr() const { return layer_; }

 protected:
  AnyLayer() = default;
  std::shared_ptr<LayerBase> layer_;
};

/// Parentheses convert silently: Dense(2.5) would be Dense(2). So integer arguments take integers only.
class Integer {
 public:
  template <std::integral T>
  requires(!std::same_as<T, bool>) constexpr Integer(T value) : value_(static_cast<Dim>(value)) {}
  constexpr operator Dim() const { return value_; }

 private:
  Dim value_;
};
template <class T>
struct ArgumentOf {
  using type = T;
};
template <std::integral T>
struct ArgumentOf<T> {
  using type = Integer;
};

namespace detail {

template <class Options>
CommonOptions common_options(const Options& options) {
  CommonOptions common;
  if constexpr (requires { options.name; }) common.name = options.name;
  if constexpr (requires { options.trainable; }) common.trainable = options.trainable;
  if constexpr (requires { options.dtype; }) common.dtype = options.dtype;
  if constexpr (requires { options.activity_regularizer; }) common.activity_regularizer = options.activity_regularizer;
  if constexpr (requires { options.input_shape; }) {
    common.input_shape = options.input_shape;
    common.has_input_shape = options.input_shape.rank() > 0;
  }
  if constexpr (requires { options.input_dim; })
    if (options.input_dim > 0) common.input_shape = {options.input_dim}, common.has_input_shape = true;
  return common;
}

template <class Impl, class... Positional, class Options>
std::shared_ptr<Impl> make_layer(const Options& options, const Positional&... arguments) {
  if constexpr (std::constructible_from<Impl, Positional..., const Options&>) {
    return std::make_shared<Impl>(arguments..., options);
  } else {
    static_assert(std::constructible_from<Impl, Positional...>,
                  "A layer class needs a constructor from the arguments listed in its LayerRef, "
                  "followed by const Options& or not, and it must override call().");
    return std::make_shared<Impl>(arguments...);
  }
}

[[noreturn]] void fail_no_fields(const LayerBase* layer);
[[noreturn]] void fail_missing_argument(std::string_view class_name, const char* name);
/// The keys in Keras's order: first what all layers have.
Config common_keys_first(const Config& config);
/// A layer's config in the spelling of Keras 3, without the input shape that Keras 2 wrote, which goes to
/// `input_shape`.
Config in_new_spelling(const Config& config, const std::string& class_name, Shape& input_shape);
/// "Dense" from DenseLayer.
std::string layer_class_name(const std::type_info& type);

/// A value to read a positional argument into; types without a default constructor say how in a specialisation.
template <class T>
T blank_argument() {
  if constexpr (std::is_default_constructible_v<T>)
    return T{};
  else
    return T(1);
}
template <class T>
T read_argument(const Config& config, const std::string& class_name, const char* name) {
  if (!config.find(name)) fail_missing_argument(class_name, name);
  T result = blank_argument<T>();
  read_key(config, name, class_name, &read_value<T>, &result);
  return result;
}

template <class Impl, class... Positional>
class RecipeOf final : public Recipe {
 public:
  using Options = typename Impl::Options;
  RecipeOf(const Impl* layer, Options options, Positional... arguments)
      : layer_(layer), options_(std::move(options)), arguments_(std::move(arguments)...) {}

  Config config() const override {
    Config result{Config::Object{}};
    if constexpr (!HasFields<Options>)
      fail_no_fields(layer_);
    else {
      if constexpr (sizeof...(Positional) > 0) {
        if constexpr (requires { Impl::kArguments; })
          write_arguments(result, std::index_sequence_for<Positional...>{});
        else
          fail_no_fields(layer_);
      }
      write_fields(options_, result);
    }
    return common_keys_first(result);
  }
  std::shared_ptr<LayerBase> remake() const override;

 private:
  template <std::size_t... I>
  void write_arguments(Config& config, std::index_sequence<I...>) const {
    (config.set(Impl::kArguments[I], config_of(std::get<I>(arguments_))), ...);
  }
  const Impl* layer_;
  Options options_;
  std::tuple<Positional...> arguments_;
};

}  // namespace detail

/// Typed handle: using Dense = LayerRef<DenseLayer, Dim>; gives Dense(64, {.activation = "relu"})(x).
template <class Impl, class... Positional>
class LayerRef : public AnyLayer {
 public:
  using Options = typename Impl::Options;
  using Implementation = Impl;
  explicit LayerRef(typename ArgumentOf<Positional>::type... arguments, const Options& options = {})
      : AnyLayer(make(options, static_cast<Positional>(arguments)...)) {}
  Impl* operator->() const { return static_cast<Impl*>(layer_.get()); }

  static std::shared_ptr<LayerBase> make(const Options& options, const Positional&... arguments);
  /// From get_config()'s form.
  static std::shared_ptr<LayerBase> from_config(const Config& config);

 private:
  template <std::size_t... I>
  static std::shared_ptr<LayerBase> from_config(const Config& given, std::index_sequence<I...>);
};

// Outside the class, and so not inline: the library's own layers are compiled in the library alone (`extern template`
// in their headers), where each program would otherwise compile them again.
template <class Impl, class... Positional>
std::shared_ptr<LayerBase> LayerRef<Impl, Positional...>::make(const Options& options, const Positional&... arguments) {
  auto impl = detail::make_layer<Impl, Positional...>(options, arguments...);
  impl->adopt_recipe(std::make_unique<detail::RecipeOf<Impl, Positional...>>(impl.get(), options, arguments...),
                     detail::common_options(options));
  return impl;
}
template <class Impl, class... Positional>
std::shared_ptr<LayerBase> LayerRef<Impl, Positional...>::from_config(const Config& config) {
  return from_config(config, std::index_sequence_for<Positional...>{});
}
template <class Impl, class... Positional>
template <std::size_t... I>
std::shared_ptr<LayerBase> LayerRef<Impl, Positional...>::from_config(const Config& given, std::index_sequence<I...>) {
  const std::string name = detail::layer_class_name(typeid(Impl));
  Shape input_shape;
  const Config config = detail::in_new_spelling(given, name, input_shape);
  std::vector<const char*> arguments;
  if constexpr (sizeof...(I) > 0) arguments = {Impl::kArguments[I]...};
  Options options = read_fields<Options>(config, name, arguments);
  if constexpr (requires { options.input_shape; }) options.input_shape = input_shape;
  return make(options, detail::read_argument<Positional>(config, name, Impl::kArguments[I])...);
}

namespace detail {
template <class Impl, class... Positional>
std::shared_ptr<LayerBase> RecipeOf<Impl, Positional...>::remake() const {
  return std::apply([&](const Positional&... a) { return LayerRef<Impl, Positional...>::make(options_, a...); },
                    arguments_);
}
}  // namespace detail

using LayerFactory = detail::MakeClass<LayerBase>;
void register_layer_factory(const std::string& name, const std::type_info& type, LayerFactory factory);

/// Makes load_model() and from_config know a class: register_layer<Gated>("my_package>Gated").
template <class Ref>
void register_layer(const std::string& name) {
  register_layer_factory(name, typeid(typename Ref::Implementation),
                         [](const Config& config, std::string_view) { return Ref::from_config(config); });
}
/// Keras's form of a layer: {"module", "class_name", "config", "registered_name", "build_config"}; the last, with the
/// input shapes, of a layer that is built.
Config serialize_layer(const LayerBase& layer);
/// A layer, not yet built, from serialize_layer()'s form or what Keras 2 wrote, {"class_name": ..., "config": ...}.
/// Throws ValueError for an unknown class, naming it and the call that registers it.
AnyLayer layer_from_config(const Config& config);

}  // namespace kerata

#pragma GCC visibility pop
