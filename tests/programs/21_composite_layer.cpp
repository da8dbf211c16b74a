// X20: a residual block as a layer made of layers; config, registration, save and load.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

class ResidualBlockLayer : public Layer {
 public:
  struct Options {
    AnyActivation activation = "relu";
    std::string name = {};
    static constexpr auto fields() {
      return std::tuple{field("activation", &Options::activation), field("name", &Options::name)};
    }
  };
  static constexpr std::array kArguments{"filters"};
  ResidualBlockLayer(Dim filters, const Options& options)
      : conv1_(add_layer("conv1", Conv2D(filters, 3, {.padding = "same", .activation = options.activation}))),
        conv2_(add_layer("conv2", Conv2D(filters, 3, {.padding = "same"}))),
        activation_(add_layer("activation", Activation(options.activation))) {}
  Tensor call(const Tensor& x, const CallContext&) const override { return activation_(x + conv2_(conv1_(x))); }

 private:
  Conv2D conv1_, conv2_;
  Activation activation_;
};
using ResidualBlock = LayerRef<ResidualBlockLayer, Dim>;

int main() {
  register_layer<ResidualBlock>("my_package>ResidualBlock");
  Sequential model({Input({32, 32, 3}), Conv2D(16, 3, {.padding = "same"})});
  for (int i = 0; i < 3; ++i) model.add(ResidualBlock(16, {.activation = "elu"}));
  model.add(GlobalAveragePooling2D());
  model.add(Dense(10, {.activation = "softmax"}));
  model.save("resnet.keras");
  Model again = load_model("resnet.keras");
  Tensor x = random::normal({2, 32, 32, 3});
  return again.predict(x).to_vector<float>() == model.predict(x).to_vector<float>() ? 0 : 1;
}
