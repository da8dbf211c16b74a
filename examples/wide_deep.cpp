// House prices with two inputs and two outputs: a wide path for rules, a deep one for patterns, and an auxiliary output
// that keeps the deep path useful by itself.
#include <kerata/kerata.h>
#include <iostream>
using namespace kerata;
using namespace kerata::layers;

int main() {
  auto data = datasets::california_housing::load_data();
  auto wide_part = [](const Tensor& x) { return x.slice({.axis = 1, .stop = 5}); };
  auto deep_part = [](const Tensor& x) { return x.slice({.axis = 1, .start = 2}); };
  Tensor x_wide = wide_part(data.x_train), x_deep = deep_part(data.x_train), y = data.y_train;
  Tensor x_test_wide = wide_part(data.x_test), x_test_deep = deep_part(data.x_test), y_test = data.y_test;

  Tensor wide = Input({5}, {.name = "wide"}), deep = Input({6}, {.name = "deep"});
  Normalization norm_wide, norm_deep;
  norm_wide.adapt(x_wide);
  norm_deep.adapt(x_deep);
  Tensor hidden = Dense(30, {.activation = "relu"})(norm_deep(deep));
  hidden = Dense(30, {.activation = "relu"})(hidden);
  Tensor price = Dense(1, {.name = "price"})(concatenate({norm_wide(wide), hidden}));
  Tensor deep_price = Dense(1, {.name = "deep_price"})(hidden);
  Model model({wide, deep}, {price, deep_price});
  model.summary();

  model.compile({.optimizer = optimizers::Adam(1e-3),
                 .loss = {{"price", "mse"}, {"deep_price", "mse"}},
                 .loss_weights = {{"price", 0.9}, {"deep_price", 0.1}},
                 .metrics = {{"price", "mae"}, {"deep_price", "mae"}}});
  model.fit({{"wide", x_wide}, {"deep", x_deep}}, {{"price", y}, {"deep_price", y}},
            {.epochs = 5, .validation_data = {{x_test_wide, x_test_deep}, {y_test, y_test}}});

  Scores scores = model.evaluate({x_test_wide, x_test_deep}, {y_test, y_test}, {.verbose = 0});
  std::cout << "Mean absolute error of the price: " << scores["price_mae"]
            << " (100,000 dollars), of the deep path alone: " << scores["deep_price_mae"] << '\n';
  auto [main_price, side_price] = model.predict_all({x_test_wide, x_test_deep}, {.verbose = 0}).unpack<2>();
  for (Dim i = 0; i < 3; ++i) {
    std::cout << "Predicted " << main_price[i].item() << " and " << side_price[i].item() << ", true "
              << y_test[i].item() << '\n';
  }
  return scores["price_mae"] < 0.6 ? 0 : 1;
}
