// What Keras's Layer.__call__ records of a call. It adds `training` and `mask` to what the user gave, but only where it
// has nothing to convert: for one tensor of the layer's type and no keyword argument.
#include <algorithm>
#include <array>

#include "models/graph_config.h"

namespace kerata::models {
namespace {

/// Layers whose call() has training=False; elsewhere the default is None, which is not recorded.
constexpr std::array kTrainingFalse = {std::string_view("AlphaDropout"),
                                       std::string_view("Attention"),
                                       std::string_view("AdditiveAttention"),
                                       std::string_view("ConvLSTM1D"),
                                       std::string_view("ConvLSTM2D"),
                                       std::string_view("ConvLSTM3D"),
                                       std::string_view("Dropout"),
                                       std::string_view("GRU"),
                                       std::string_view("GaussianDropout"),
                                       std::string_view("GaussianNoise"),
                                       std::string_view("LSTM"),
                                       std::string_view("RNN"),
                                       std::string_view("SimpleRNN"),
                                       std::string_view("SpatialDropout1D"),
                                       std::string_view("SpatialDropout2D"),
                                       std::string_view("SpatialDropout3D"),
                                       std::string_view("SpectralNormalization")};
constexpr std::array kMerging = {std::string_view("Add"),         std::string_view("Average"),
                                 std::string_view("Concatenate"), std::string_view("Dot"),
                                 std::string_view("Maximum"),     std::string_view("Minimum"),
                                 std::string_view("Multiply"),    std::string_view("Subtract")};

template <class List>
bool stands_in(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool is_same(const Tensor& a, const Tensor& b) {
  return !a.is_empty() && !b.is_empty() && a.node() == b.node() && a.index() == b.index();
}

class LayerCall {
 public:
  LayerCall(const LayerBase& layer, const Node& node, const Function<Config(const Tensor&)>& tensor)
      : layer_(layer), node_(node), call_(node.call), tensor_(tensor), class_name_(layer.class_name()) {
    const auto* model = dynamic_cast<const ModelLayer*>(&layer);
    graph_ = model && is_functional(*model) && !model->model_state().is_sequential ? model->model_state().graph.get()
                                                                                   : nullptr;
  }

  Config config() const {
    Config::List args = {inputs()};
    return Config::Object{{"args", Config(std::move(args))}, {"kwargs", kwargs()}};
  }

 private:
  bool states_among_inputs() const { return call_.num_inputs > 1 && layer_.state().extra_inputs_are_states; }

  Config list_of(std::size_t begin, std::size_t end) const {
    Config::List list;
    for (std::size_t i = begin; i < end; ++i) list.push_back(tensor_(node_.inputs[i]));
    return list;
  }

  Config inputs() const {
    if (graph_)
      return fill_form(graph_->input_form(),
                       [this](std::size_t i, const std::string&) { return tensor_(node_.inputs[i]); });
    const std::vector<std::string>& names = layer_.state().input_names;
    if (names.size() == call_.num_inputs && !names.empty()) {
      Config::Object by_name;
      for (std::size_t i = 0; i < names.size(); ++i) by_name.emplace_back(names[i], tensor_(node_.inputs[i]));
      return by_name;
    }
    if (states_among_inputs() || (call_.num_inputs == 1 && !stands_in(kMerging, class_name_)))
      return tensor_(node_.inputs[0]);
    return list_of(0, call_.num_inputs);
  }

  Tensor mask_of(std::size_t input) const {
    const int at = input < call_.mask_at.size() ? call_.mask_at[input] : -1;
    return at < 0 ? Tensor() : node_.inputs[static_cast<std::size_t>(at)];
  }
  bool any_mask() const {
    for (std::size_t i = 0; i < call_.num_inputs; ++i)
      if (!mask_of(i).is_empty()) return true;
    return false;
  }
  /// Given by the caller; other masks rode on the inputs.
  bool any_given_mask() const {
    for (std::size_t i = 0; i < call_.num_inputs; ++i)
      if (!mask_of(i).is_empty() && !is_same(mask_of(i), node_.inputs[i].mask())) return true;
    return false;
  }
  Config masks() const {
    auto one = [this](std::size_t i) { return mask_of(i).is_empty() ? Config() : tensor_(mask_of(i)); };
    if (graph_) return fill_form(graph_->input_form(), [&](std::size_t i, const std::string&) { return one(i); });
    if (call_.num_inputs == 1) return one(0);
    Config::List list;
    for (std::size_t i = 0; i < call_.num_inputs; ++i) list.push_back(one(i));
    return list;
  }

  bool is_one_tensor() const {
    return call_.num_inputs == 1 && !stands_in(kMerging, class_name_) && node_.inputs[0].dtype() == input_dtype();
  }
  DType input_dtype() const {
    const auto* model = dynamic_cast<const ModelLayer*>(&layer_);
    return model && is_functional(*model) ? inputs_of(*model)[0].dtype() : layer_.state().policy.compute_dtype();
  }

  Config kwargs() const {
    Config kwargs{Config::Object{}};
    const Training training = call_.training != Training::inherit ? call_.training : call_.written;
    const bool given_training = training != Training::inherit;
    if (given_training) kwargs.set("training", training == Training::yes);
    if (states_among_inputs()) kwargs.set("initial_state", list_of(1, call_.num_inputs));
    if (call_.num_states > 0)
      kwargs.set("initial_state", list_of(node_.inputs.size() - call_.num_states, node_.inputs.size()));
    const bool is_plain = graph_ || (kwargs.as_object().empty() && is_one_tensor() && !any_given_mask());
    if (any_mask()) kwargs.set("mask", masks());
    if (!is_plain) return kwargs;
    if (!given_training && stands_in(kTrainingFalse, class_name_)) kwargs.set("training", false);
    if (layer_.state().uses_mask && !kwargs.find("mask")) kwargs.set("mask", masks());
    return kwargs;
  }

  const LayerBase& layer_;
  const Node& node_;
  const CallRecord& call_;
  const Function<Config(const Tensor&)>& tensor_;
  std::string class_name_;
  const FunctionalGraph* graph_ = nullptr;
};

}  // namespace

Config layer_call_config(const LayerBase& layer, const Node& node, const Function<Config(const Tensor&)>& tensor) {
  return LayerCall(layer, node, tensor).config();
}

}  // namespace kerata::models
