// Callback: code that runs at the ends of batches, epochs and trainings; Logs: the figures it is shown.
#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)

namespace kerata {

class Model;

/// The figures so far, by name; they are fetched at the first look, so an unread log costs nothing.
class Logs {
 public:
  using Entry = std::pair<std::string, double>;
  Logs() = default;
  /// Throws ValueError for an unknown name, naming those there are.
  double operator[](std::string_view name) const;
  bool contains(std::string_view name) const;
  /// Adds a figure or replaces it: later callbacks and the History see it.
  void set(std::string_view name, double value) const;
  bool empty() const;
  const Entry* begin() const;
  const Entry* end() const;

  // For the library's own code:
  /// Where the figures come from.
  class Source {
   public:
    virtual ~Source() = default;
    virtual void read(std::span<Entry> entries) const = 0;
  };
  Logs(const std::vector<std::string>& names, const Source* source);
  /// The figures have changed: fetch them again at the next look.
  void renew() { stale_ = source_ != nullptr; }

 private:
  void fetch() const;
  mutable std::vector<Entry> entries_;
  const Source* source_ = nullptr;
  mutable bool stale_ = false;
};

/// What a callback is told of the run.
struct RunParams {
  int verbose = 0;
  int epochs = 1;
  std::int64_t steps = 0;  // batches of an epoch
};

/// Override the hooks that you need. What a hook throws ends the run and leaves the model usable.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void on_train_begin() {}
  virtual void on_train_end(const Logs& /*logs*/) {}
  virtual void on_epoch_begin(int /*epoch*/) {}
  virtual void on_epoch_end(int /*epoch*/, const Logs& /*logs*/) {}
  virtual void on_batch_begin(int /*batch*/) {}
  virtual void on_batch_end(int /*batch*/, const Logs& /*logs*/) {}
  virtual void on_train_batch_begin(int batch) { on_batch_begin(batch); }
  virtual void on_train_batch_end(int batch, const Logs& logs) { on_batch_end(batch, logs); }
  virtual void on_test_begin() {}
  virtual void on_test_end(const Logs& /*logs*/) {}
  virtual void on_test_batch_begin(int /*batch*/) {}
  virtual void on_test_batch_end(int /*batch*/, const Logs& /*logs*/) {}
  virtual void on_predict_begin() {}
  virtual void on_predict_end() {}
  virtual void on_predict_batch_begin(int /*batch*/) {}
  virtual void on_predict_batch_end(int /*batch*/) {}
  /// Called before the first hook.
  virtual void set_model(Model* model) { model_ = model; }
  virtual void set_params(const RunParams& params) { params_ = params; }

 protected:
  /// The model that runs. Throws StateError outside of fit(), evaluate() and predict().
  Model& model() const;
  const RunParams& params() const { return params_; }

 private:
  Model* model_ = nullptr;
  RunParams params_;
};

/// An lvalue is used in place (read its results after fit), a temporary is kept for the call.
class AnyCallback {
 public:
  template <class C>
  requires(std::derived_from<std::remove_cvref_t<C>, Callback> && !std::is_const_v<std::remove_reference_t<C>>)
      AnyCallback(C&& callback) {
    if constexpr (std::is_lvalue_reference_v<C>)
      callback_ = {std::shared_ptr<void>(), &callback};
    else
      callback_ = std::make_shared<C>(std::move(callback));
  }
  explicit AnyCallback(std::shared_ptr<Callback> callback) : callback_(std::move(callback)) {}
  Callback* operator->() const { return callback_.get(); }
  Callback& operator*() const { return *callback_; }

 private:
  std::shared_ptr<Callback> callback_;
};

}  // namespace kerata

#pragma GCC visibility pop
