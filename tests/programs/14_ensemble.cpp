// S1 (A.7 91): three models averaged.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

Model get_model() {
  Tensor inputs = Input({128});
  Tensor outputs = Dense(1, {.activation = "sigmoid"})(inputs);
  return Model(inputs, outputs);
}

int main() {
  Model model1 = get_model(), model2 = get_model(), model3 = get_model();
  Tensor inputs = Input({128});
  Tensor y1 = model1(inputs), y2 = model2(inputs), y3 = model3(inputs);
  Tensor outputs = average({y1, y2, y3});
  Model ensemble_model(inputs, outputs);
  ensemble_model.summary();  // 387 parameters
  return ensemble_model.count_params() == 387 ? 0 : 1;
}
