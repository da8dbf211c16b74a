// Calling a layer with the args and kwargs that Keras recorded.
#include <array>

#include "core/require.h"
#include "models/graph_config.h"

namespace kerata::models {
namespace {

class Call {
 public:
  Call(LayerBase& layer, const CallConfig& call, const std::vector<Tensor>& tensors)
      : layer_(layer), call_(call), tensors_(tensors), where_(display_name(layer)) {}

  std::vector<Tensor> run() {
    const Config::List& args = call_.args.as_list();
    for (const Config& arg : args) add_input(arg);
    for (const auto& [key, value] : call_.kwargs.as_object()) add_keyword(key, value);
    require<ValueError>(!inputs_.empty(), where_, "Layer '", where_, "' is called without a tensor.");
    std::vector<Tensor> outputs = invoke(layer_, inputs(), options_);
    outputs[0].node()->call.written = written_;
    return outputs;
  }

 private:
  [[noreturn]] void refuse(std::string_view what, const Config& value) const {
    fail<ValueError>(where_, "Layer '", where_, "' is called with ", what, ": ", excerpt(value), '.');
  }

  Tensors inputs() const {
    if (names_.empty() || names_.size() != inputs_.size()) return Tensors(inputs_);
    std::vector<Tensors::Named> by_name;
    for (std::size_t i = 0; i < inputs_.size(); ++i) by_name.emplace_back(names_[i], inputs_[i]);
    return Tensors(std::move(by_name));
  }

  void add_input(const Config& arg) {
    std::size_t index = 0;
    if (arg.is_null()) return;
    if (is_tensor_leaf(arg, index)) {
      inputs_.push_back(tensors_.at(index));
    } else if (arg.is_list()) {
      for (const Config& element : arg.as_list()) add_input(element);
    } else if (arg.is_object()) {
      for (const auto& [key, value] : arg.as_object()) {
        names_.push_back(key);
        add_input(value);
      }
    } else {
      refuse("an argument that is no tensor", arg);
    }
  }

  void add_keyword(const std::string& key, const Config& value) {
    constexpr std::array kFirst = {std::string_view("inputs"), std::string_view("sequences"), std::string_view("x")};
    for (std::string_view first : kFirst)
      if (key == first && inputs_.empty()) return add_input(value);
    if (value.is_null()) return;
    if (key == "training")
      written_ = training_of(value);
    else if (key == "mask")
      options_.mask = masks_of(value);
    else if (key == "initial_state")
      options_.initial_state = states_of(value);
    else if (!(value.is_bool() && !value.as_bool()))  // false: an option that is not used
      refuse("the argument `" + key + "`, which Kerata does not know", value);
  }

  // In Keras the model's own training flag replaces this one, in fit() as in predict(). Beside a mask of null, false is
  // what Keras adds to a call without any.
  Training training_of(const Config& value) const {
    if (!value.is_bool() && !value.is_integer()) refuse("a wrong `training`", value);
    const bool training = value.is_bool() ? value.as_bool() : value.as_integer() != 0;
    if (training) return Training::yes;
    const Config* mask = call_.kwargs.find("mask");
    return mask && mask->is_null() ? Training::inherit : Training::no;
  }

  Tensors masks_of(const Config& value) const {
    std::vector<Tensor> masks;
    bool any = false;
    auto add = [&](const Config& one) {
      std::size_t index = 0;
      if (!one.is_null() && !is_tensor_leaf(one, index)) refuse("a mask that is no tensor", one);
      any = any || !one.is_null();
      masks.push_back(one.is_null() ? Tensor() : tensors_.at(index));
    };
    std::size_t index = 0;
    if (value.is_list())
      for (const Config& one : value.as_list()) add(one);
    else if (value.is_object() && !is_tensor_leaf(value, index))
      for (const auto& [key, one] : value.as_object()) add(one);
    else
      add(value);
    return any ? Tensors(std::move(masks)) : Tensors();
  }

  Tensors states_of(const Config& value) const {
    std::vector<Tensor> states;
    for (const Config& one : value.is_list() ? value.as_list() : Config::List{value}) {
      std::size_t index = 0;
      if (!is_tensor_leaf(one, index)) refuse("a state that is no tensor", one);
      states.push_back(tensors_.at(index));
    }
    return Tensors(std::move(states));
  }

  LayerBase& layer_;
  const CallConfig& call_;
  const std::vector<Tensor>& tensors_;
  std::string where_;
  std::vector<Tensor> inputs_;
  std::vector<std::string> names_;
  CallOptions options_;
  Training written_ = Training::inherit;
};

}  // namespace

std::vector<Tensor> call_layer(LayerBase& layer, const CallConfig& call, const std::vector<Tensor>& tensors) {
  return Call(layer, call, tensors).run();
}

}  // namespace kerata::models
