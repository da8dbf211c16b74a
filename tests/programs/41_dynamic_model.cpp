// A subclassed model whose call depends on data, with its layers in a vector.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

class EarlyExitLayer : public ModelLayer {
 public:
  EarlyExitLayer(Dim units, Dim depth, const Options&)
      : head_(add_layer("head", Dense(10, {.activation = "softmax"}))) {
    for (Dim i = 0; i < depth; ++i)
      hidden_.push_back(add_layer("hidden_" + std::to_string(i), Dense(units, {.activation = "relu"})));
  }
  Tensors call(const Tensors& inputs, const CallContext& context) const override {
    Tensor x = inputs.single();
    for (const Dense& layer : hidden_) {
      x = layer(x);
      if (!context.training() && ops::max(head_(x)).item() > 0.99) break;  // sure enough
    }
    return head_(x);
  }

 private:
  std::vector<Dense> hidden_;
  Dense head_;
};
using EarlyExit = ModelRef<EarlyExitLayer, Dim, Dim>;

int main() {
  EarlyExit model(64, 8, {.name = "early_exit"});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .run_eagerly = true});
  model.fit(random::normal({64, 20}), random::randint({64, 1}, 0, 10), {.epochs = 2});
}
