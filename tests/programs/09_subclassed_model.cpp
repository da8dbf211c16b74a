// S2 (A.7 102): the wide and deep model as a class.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

class WideAndDeepLayer : public ModelLayer {
 public:
  struct Options {
    AnyActivation activation = "relu";
    std::string name = {};
  };
  WideAndDeepLayer(Dim units, const Options& options)
      : norm_wide_(add_layer("norm_layer_wide", Normalization())),
        norm_deep_(add_layer("norm_layer_deep", Normalization())),
        hidden1_(add_layer("hidden1", Dense(units, {.activation = options.activation}))),
        hidden2_(add_layer("hidden2", Dense(units, {.activation = options.activation}))),
        main_output_(add_layer("main_output", Dense(1))),
        aux_output_(add_layer("aux_output", Dense(1))) {}

  Tensors call(const Tensors& inputs, const CallContext&) const override {
    auto [wide, deep] = inputs.unpack<2>();
    Tensor hidden = hidden2_(hidden1_(norm_deep_(deep)));
    Tensor output = main_output_(concatenate({norm_wide_(wide), hidden}));
    return {output, aux_output_(hidden)};
  }
  void adapt(const Tensor& wide, const Tensor& deep) {
    norm_wide_.adapt(wide);
    norm_deep_.adapt(deep);
  }

 private:
  Normalization norm_wide_, norm_deep_;
  Dense hidden1_, hidden2_, main_output_, aux_output_;
};
using WideAndDeep = ModelRef<WideAndDeepLayer, Dim>;

int main() {
  Tensor wide = random::uniform({1000, 5}), deep = random::uniform({1000, 6}), y = random::uniform({1000, 1});
  WideAndDeep model(30, {.activation = "relu", .name = "my_cool_model"});
  model->adapt(wide, deep);
  model.compile({.optimizer = "adam", .loss = {"mse", "mse"}, .loss_weights = {0.9, 0.1}});
  model.fit({wide, deep}, {y, y}, {.epochs = 2});
  model.summary();
}
