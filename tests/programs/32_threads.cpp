// One model in a server: const predict from many threads.
#include <thread>
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

class Classifier {
 public:
  explicit Classifier(const std::string& path) : model_(load_model(path)) {}
  std::int64_t classify(const Tensor& image) const {
    return model_.predict(image, {.verbose = 0}).argmax(-1).item<std::int64_t>();
  }

 private:
  Model model_;
};

int main() {
  const auto data = datasets::mnist::load_data();
  Sequential model({Input({28, 28}), Flatten(), Dense(32, {.activation = "relu"}),
                    Dense(10, {.activation = "softmax"})});
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy"});
  model.fit(data.x_train.slice({.stop = 4000}) / 255.0, data.y_train.slice({.stop = 4000}),
            {.epochs = 4, .verbose = 0});
  model.save("mnist.keras");

  const Classifier classifier("mnist.keras");
  std::vector<std::int64_t> labels(8);
  {
    std::vector<std::jthread> threads;
    for (Dim i = 0; i < 8; ++i)
      threads.emplace_back([&, i] { labels[i] = classifier.classify(data.x_test.slice({.start = i, .stop = i + 1})); });
  }
  return labels[0] == 7 ? 0 : 1;
}
