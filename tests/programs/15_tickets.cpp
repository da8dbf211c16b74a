// S1 (A.7 92, X16): three inputs, two outputs; data as lists and by name.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

int main() {
  const int num_tags = 12, num_words = 10000, num_departments = 4;
  Tensor title_input = Input({-1}, {.name = "title"});
  Tensor body_input = Input({-1}, {.name = "body"});
  Tensor tags_input = Input({num_tags}, {.name = "tags"});

  Tensor title_features = Embedding(num_words, 64)(title_input);
  Tensor body_features = Embedding(num_words, 64)(body_input);
  title_features = LSTM(128)(title_features);
  body_features = LSTM(32)(body_features);
  Tensor x = concatenate({title_features, body_features, tags_input});
  Tensor priority_pred = Dense(1, {.activation = "sigmoid", .name = "priority"})(x);
  Tensor department_pred = Dense(num_departments, {.activation = "softmax", .name = "department"})(x);

  Model model({title_input, body_input, tags_input}, {priority_pred, department_pred});
  utils::plot_model(model, "multi_input_and_output_model.png", {.show_shapes = true});

  model.compile({.optimizer = optimizers::RMSprop(1e-3),
                 .loss = {"binary_crossentropy", "categorical_crossentropy"},
                 .loss_weights = {1.0, 0.2}});
  model.compile({.optimizer = optimizers::RMSprop(1e-3),
                 .loss = {{"priority", "binary_crossentropy"}, {"department", "categorical_crossentropy"}},
                 .loss_weights = {1.0, 0.2}});

  Tensor title = random::randint({128, 10}, 0, num_words), body = random::randint({128, 100}, 0, num_words);
  Tensor tags = random::randint({128, num_tags}, 0, 2).cast("float32");
  Tensor priority = random::uniform({128, 1}), dept = random::randint({128, num_departments}, 0, 2);

  model.fit({title, body, tags}, {priority, dept}, {.batch_size = 32, .epochs = 1});
  model.fit({{"title", title}, {"body", body}, {"tags", tags}}, {{"priority", priority}, {"department", dept}},
            {.batch_size = 32, .epochs = 1});
}
