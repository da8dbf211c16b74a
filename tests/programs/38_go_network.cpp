// X17: six 19x19 planes in, policy and value out.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  Tensor planes = Input({19, 19, 6}, {.name = "planes"});
  Tensor x = Conv2D(32, 3, {.padding = "same", .activation = "relu"})(planes);
  for (int i = 0; i < 4; ++i) x = x + Conv2D(32, 3, {.padding = "same", .activation = "relu"})(x);
  Tensor policy = Dense(362, {.activation = "softmax", .name = "policy"})(Flatten()(x));
  Tensor value = Dense(1, {.activation = "tanh", .name = "value"})(GlobalAveragePooling2D()(x));

  Model model(planes, {policy, value});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.01, .momentum = 0.9}),
                 .loss = {{"policy", "categorical_crossentropy"}, {"value", "mse"}},
                 .metrics = {{"policy", "categorical_accuracy"}, {"value", "mse"}}});
  Tensor x_data = random::randint({64, 19, 19, 6}, 0, 2).cast("float32");
  Tensor p_data = utils::to_categorical(random::randint({64}, 0, 362), 362), v_data = random::uniform({64, 1});
  model.fit(x_data, {{"policy", p_data}, {"value", v_data}}, {.batch_size = 32, .epochs = 2});
}
