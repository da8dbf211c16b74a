// kerata_bench PEER WORKLOAD: Kerata's worker for bench.py, through the public API with plain fit, metrics on.
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>

#include "load_model.h"
#include "measure.h"
#include "workloads.h"

namespace {

using namespace bench;
using kerata::Dim;

// As the peers are set; a CPU takes no notice.
bool rounds_to_tf32() {
  const char* set = std::getenv("BENCH_TF32");
  return !set || std::string(set) == "1";
}

Quantities joined(const std::vector<Quantities>& parts) {
  Quantities all;
  for (const Quantities& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

void serve_training(Workload& w) {
  w.model.compile(w.compile);
  double loss = 0;
  int epochs = 1;
  const auto fit = [&] {
    const kerata::History history = w.model.fit(w.x, w.y, {.batch_size = w.batch, .epochs = epochs, .verbose = 0});
    loss = history["loss"].back();
  };
  serve(
      [&]() -> Quantities {
        const double time = seconds(fit), first_loss = loss;
        epochs = repetitions([&](int count) {
          epochs = count;
          fit();
        });
        return {{"first_fit_s", time}, {"first_loss", first_loss}};
      },
      [&] { return milliseconds("step", static_cast<double>(w.steps * epochs), fit); });
}

void serve_single_predictions(const Workload& w) {
  const kerata::Tensor x = w.x.single();
  const std::span<const float> pixels = x.data<float>();
  const std::size_t width = pixels.size() / static_cast<std::size_t>(w.steps);
  const kerata::Predictor predictor = w.model.make_predictor();
  std::vector<float> output(10);
  const auto predictor_call = [&](Dim i) {
    predictor(pixels.subspan(static_cast<std::size_t>(i) * width, width), output);
  };
  const auto predict_call = [&](Dim i) { (void)w.model.predict(x.slice({.start = i, .stop = i + 1}), {.verbose = 0}); };
  const auto layer_call = [&](Dim i) { (void)w.model(x.slice({.start = i, .stop = i + 1})); };
  const auto time_all = [&](const std::string& name, auto call) {
    return milliseconds(name, static_cast<double>(w.steps), [&] {
      for (Dim i = 0; i < w.steps; ++i) call(i);
    });
  };
  serve(
      [&]() -> Quantities {
        return {{"predictor_first_s", seconds([&] { predictor_call(0); })},
                {"predict_first_s", seconds([&] { predict_call(0); })}};
      },
      [&] {
        return joined(
            {time_all("predictor", predictor_call), time_all("predict", predict_call), time_all("call", layer_call)});
      });
}

void serve_bulk_predictions(const Workload& w) {
  const auto predict = [&](Dim batch) { (void)w.model.predict(w.x, {.batch_size = batch, .verbose = 0}); };
  serve(
      [&]() -> Quantities {
        return {{"batch32_first_s", seconds([&] { predict(32); })},
                {"batch1024_first_s", seconds([&] { predict(1024); })}};
      },
      [&] {
        return joined(
            {milliseconds("batch32", 1, [&] { predict(32); }), milliseconds("batch1024", 1, [&] { predict(1024); })});
      });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "Usage: kerata_bench PEER WORKLOAD\n";
    return 2;
  }
  try {
    kerata::utils::set_random_seed(1);
    kerata::utils::enable_tensor_float_32_execution(rounds_to_tf32());
    if (std::string(argv[2]) == "load_model") {
      serve_load_model();
      return 0;
    }
    Workload workload = make_workload(argv[2]);
    switch (workload.kind) {
      case Kind::train:
        serve_training(workload);
        break;
      case Kind::predict_one:
        serve_single_predictions(workload);
        break;
      case Kind::predict_bulk:
        serve_bulk_predictions(workload);
        break;
    }
  } catch (const kerata::Error& error) {
    std::cerr << "Error: " << error.what() << '\n';
    return 1;
  }
}
