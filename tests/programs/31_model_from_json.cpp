// A model written elsewhere: JSON with built-in and own layers, then its weights.
#include <fstream>
#include <iostream>
#include <sstream>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

class ScaleLayer : public Layer {
 public:
  struct Options {
    double factor = 1;
    std::string name = {};
    static constexpr auto fields() {
      return std::tuple{field("factor", &Options::factor), field("name", &Options::name)};
    }
  };
  explicit ScaleLayer(const Options& options) : factor_(options.factor) {}
  Tensor call(const Tensor& x, const CallContext&) const override { return factor_ * x; }

 private:
  double factor_;
};
using Scale = LayerRef<ScaleLayer>;

void write_elsewhere() {
  Sequential model({Input({4}), Dense(3, {.activation = "relu"}), Scale({.factor = 2.5}), Dense(2)});
  std::ofstream("model.json") << model.to_json();
  model.save_weights("model.weights.h5");
}

int main() {
  register_layer<Scale>("acme>Scale");
  write_elsewhere();
  std::ifstream file("model.json");
  std::stringstream text;
  text << file.rdbuf();
  Model model = model_from_json(text.str());
  model.load_weights("model.weights.h5");
  for (const AnyLayer& layer : model.layers()) std::cout << layer.name() << ' ' << layer.output_shape() << '\n';
}
