// Unbalanced classes, weighted samples, weights per output.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  Tensor x = random::normal({1000, 4}), y = random::randint({1000, 1}, 0, 2), w = random::uniform({1000});
  Tensor input = Input({4});
  Model model(input, Dense(1, {.activation = "sigmoid"})(input));
  model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .weighted_metrics = {"accuracy"}});
  model.fit(x, y, {.class_weight = {{0, 1.0}, {1, 5.0}}});
  model.fit(x, y, {.validation_data = {x, y, w}, .sample_weight = w});

  Model two(input, {Dense(1, {.name = "a"})(input), Dense(1, {.name = "b"})(input)});
  two.compile({.loss = "mse"});
  two.fit(x, {{"a", y}, {"b", y}}, {.sample_weight = {{"a", w}, {"b", w * w}}});
}
