// Function<R(Args...)>: a copyable callable; <functional> costs 11,000 lines in every file that includes it.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(default)

namespace kerata {

template <class Signature>
class Function;

template <class R, class... Args>
class Function<R(Args...)> {
 public:
  Function() = default;
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, Function> && std::is_invocable_r_v<R, F&, Args...>)
      Function(F function)
      : holder_(std::make_shared<Holder<F>>(std::move(function))) {}
  explicit operator bool() const { return holder_ != nullptr; }
  R operator()(Args... args) const { return holder_->call(std::forward<Args>(args)...); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual R call(Args... args) = 0;
  };
  template <class F>
  struct Holder final : Base {
    explicit Holder(F f) : function(std::move(f)) {}
    R call(Args... args) override { return function(std::forward<Args>(args)...); }
    F function;
  };
  std::shared_ptr<Base> holder_;
};

}  // namespace kerata

#pragma GCC visibility pop
