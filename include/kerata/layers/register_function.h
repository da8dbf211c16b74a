// register_function(): functions of the user's own, by name in configs and files.
#pragma once

#include "kerata/activations/activation.h"
#include "kerata/layers/layer_base.h"
#include "kerata/metrics/metric.h"

#pragma GCC visibility push(default)

namespace kerata {

/// Makes configs and files know a function, wherever one of its kind may stand: an activation, a loss or metric of
/// (y_true, y_pred), an initializer of (shape, dtype), a regularizer, a constraint. From then on "my_package>pinball"
/// can be written as a name, too. A function with state (a lambda that captures) is refused: make it a class and use
/// register_loss() or its like.
template <class F>
void register_function(const std::string& name, F function) {
  static_assert(std::is_pointer_v<F> || std::is_empty_v<F>,
                "register_function takes functions without state: what a lambda captured could not be told apart. "
                "Hint: make it a class, and use register_loss, register_activation, register_initializer ...");
  auto add = [&]<class Base>(std::type_identity<Base>) {
    if constexpr (Base::template accepts<F>)
      Base::add_function(name, std::make_shared<FromFunction<Base, F>>(function));
  };
  detail::remember_function(name, typeid(F), detail::address_of(function));
  add(std::type_identity<activations::Activation>{});
  add(std::type_identity<Initializer>{});
  add(std::type_identity<Regularizer>{});
  add(std::type_identity<Constraint>{});
  add(std::type_identity<Loss>{});
  if constexpr (Loss::template accepts<F>) Metric::add_function(name, function);
}

}  // namespace kerata

#pragma GCC visibility pop
