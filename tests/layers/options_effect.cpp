#include "layers/options_effect.h"

#include <sstream>

#include "kerata/core/error.h"

namespace kerata::test {
namespace {

void print(std::ostream& out, const char* what, const Tensor& x) {
  out << what << ' ' << to_string(x.dtype()) << ' ' << to_string(x.shape()) << ':';
  for (double value : x.to_vector<double>()) out << ' ' << value;
  if (!x.mask().is_empty()) print(out, " mask", x.mask());
  out << '\n';
}

void call(std::ostream& out, const AnyLayer& layer, const Tensors& inputs, bool training) {
  Scope scope(Mode::eager, training);
  for (const Tensor& y : layer.call_all(inputs, {.training = training})) print(out, "output", y);
  for (const Tensor& loss : scope.losses()) print(out, "activity loss", loss);
  scope.commit();
}

void print_weights(std::ostream& out, const AnyLayer& layer) {
  for (const Variable& weight : layer.weights()) {
    out << weight.path() << (weight.trainable() ? " trainable" : " fixed");
    print(out, "", weight.value());
  }
}

/// With the batch and the sizes behind it unknown, but for the last axis.
void call_symbolic(std::ostream& out, const AnyLayer& layer, const Tensors& inputs) {
  std::vector<Tensor> symbolic;
  for (const Tensor& x : inputs) {
    Shape shape = x.shape().from(1);
    for (Dim axis = 0; axis + 1 < shape.rank(); ++axis) shape = shape.with(axis, -1);
    symbolic.push_back(Input(shape, {.dtype = Choice<DType>(x.dtype())}));
  }
  for (const Tensor& y : layer.call_all(Tensors(symbolic))) out << "symbolic " << to_string(y.shape().from(1)) << '\n';
}

template <class F>
void attempt(std::ostream& out, const char* what, const F& f) {
  try {
    f();
  } catch (const Error& error) {
    out << what << ": " << error.what() << '\n';
  }
}

}  // namespace

std::string behaviour(const std::function<AnyLayer()>& make, const Tensors& inputs) {
  std::ostringstream out;
  utils::set_random_seed(7);
  attempt(out, "thrown by the constructor", [&] {
    const AnyLayer layer = make();
    attempt(out, "thrown by the call", [&] {
      call(out, layer, inputs, false);
      print_weights(out, layer);
      call(out, layer, inputs, true);
      call(out, layer, inputs, true);
      print_weights(out, layer);
      for (const Tensor& loss : regularization_losses(*layer.ptr())) print(out, "loss", loss);
      for (const auto& [weight, constraint] : weight_constraints(*layer.ptr()))
        print(out, "constrained", constraint->call(weight));
    });
    attempt(out, "thrown by the symbolic call", [&] { call_symbolic(out, layer, inputs); });
    out << layer.name() << (layer.trainable() ? "" : " is frozen") << '\n';
  });
  attempt(out, "thrown as a first layer", [&] {
    utils::set_random_seed(7);
    const Sequential model({make()});
    if (model.built()) out << "model " << to_string(model.input_shape()) << ' ' << model.count_params() << '\n';
  });
  return out.str();
}

}  // namespace kerata::test
