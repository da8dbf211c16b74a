// A.9 137: spellings of the course texts that Python's Keras 3 refuses or warns about; each is noted once.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  Sequential model;
  model.add(InputLayer({28, 28}));
  model.add(Flatten());
  model.add(Dropout(0.2, {.noise_shape = {-1, 784}, .seed = 7}));
  model.add(Dense(10, {.activation = "softmax", .kernel_regularizer = regularizers::l2(0.001)}));
  model.compile({.optimizer = optimizers::SGD({.lr = 0.1}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = "accuracy"});

  Tensor one_hot = utils::to_categorical(ops::array({0, 5, 1, 0}), 10);
  Tensor back = one_hot.argmax(1);
  return model.output_shape() == Shape{-1, 10} && back.size() == 4 ? 0 : 1;
}
