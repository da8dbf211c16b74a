// Attrs: the typed parameters of one op (MatmulAttrs, ReduceAttrs ...), with equality and printing.
#pragma once

#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "core/require.h"

namespace kerata {

/// Replaces unknown sizes by the ones that a replay runs with.
class DimResolver {
 public:
  virtual ~DimResolver() = default;
  virtual Dim resolve(Dim size) const = 0;  // known sizes come back as they are
};

namespace detail {

template <class T>
void append_attr(std::string& text, const T& value) {
  if constexpr (std::is_enum_v<T> && !std::is_same_v<T, DType>)
    append(text, static_cast<int>(value));
  else
    append(text, value);
}
inline void append_attr(std::string& text, const std::vector<Dim>& value) {
  text += '[';
  for (std::size_t i = 0; i < value.size(); ++i) text.append(i ? ", " : "").append(std::to_string(value[i]));
  text += ']';
}
template <class T>
void append_attr(std::string& text, const std::shared_ptr<T>&) {
  text += "...";
}

template <class T>
void resolve_attr(T&, const DimResolver&) {}
inline void resolve_attr(Shape& shape, const DimResolver& sizes) {
  for (Dim i = 0; i < shape.rank(); ++i) shape = shape.with(i, sizes.resolve(shape[i]));
}
template <class T>
bool same_attr(const T& a, const T& b) {
  return a == b;
}
inline bool same_attr(const Shape& a, const Shape& b) { return a.to_vector() == b.to_vector(); }

}  // namespace detail

/// A parameter of an op, for the list fields() of its attrs struct.
template <class Struct, class T>
struct AttrField {
  const char* name;
  T Struct::*member;
};
template <class Struct, class T>
constexpr AttrField<Struct, T> attr(const char* name, T Struct::*member) {
  return {name, member};
}

namespace detail {

template <class Struct, class T>
constexpr bool is_object(const AttrField<Struct, T>&) {
  return false;
}
template <class Struct, class T>
constexpr bool is_object(const AttrField<Struct, std::shared_ptr<T>>&) {
  return true;
}

}  // namespace detail

/// Holds any struct that has `static constexpr auto fields()` giving a tuple of attr("name", &Struct::member).
/// Shape fields may hold unknown sizes (resolved at replay); a vector<Dim> (axes) is never resolved.
class Attrs {
 public:
  Attrs() = default;
  template <class T>
  requires requires { T::fields(); }
  Attrs(T value) : holder_(std::make_shared<Holder<T>>(std::move(value))) {}

  template <class T>
  const T& as() const {
    return static_cast<const Holder<T>*>(holder_.get())->value;
  }
  bool empty() const { return holder_ == nullptr; }
  bool operator==(const Attrs& other) const {
    if (holder_ == other.holder_) return true;
    return holder_ && other.holder_ && holder_->equal(*other.holder_);
  }
  /// "trans_a=true, trans_b=false"
  std::string text() const { return holder_ ? holder_->text() : std::string(); }
  Attrs resolved(const DimResolver& sizes) const { return holder_ ? holder_->resolved(sizes) : Attrs(); }
  /// Whether one of them is an object (the body of a scan) and not a value.
  bool has_objects() const { return holder_ && holder_->has_objects(); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual bool equal(const Base& other) const = 0;
    virtual std::string text() const = 0;
    virtual Attrs resolved(const DimResolver& sizes) const = 0;
    virtual bool has_objects() const = 0;
  };
  template <class T>
  struct Holder final : Base {
    explicit Holder(T v) : value(std::move(v)) {}
    bool equal(const Base& other) const override {
      const auto* that = dynamic_cast<const Holder*>(&other);
      return that &&
             std::apply(
                 [&](const auto&... f) { return (detail::same_attr(value.*f.member, that->value.*f.member) && ...); },
                 T::fields());
    }
    std::string text() const override {
      std::string text;
      auto one = [&](const auto& f) {
        if (!text.empty()) text += ", ";
        text.append(f.name).append("=");
        detail::append_attr(text, value.*f.member);
      };
      std::apply([&](const auto&... f) { (one(f), ...); }, T::fields());
      return text;
    }
    Attrs resolved(const DimResolver& sizes) const override {
      T copy = value;
      std::apply([&](const auto&... f) { (detail::resolve_attr(copy.*f.member, sizes), ...); }, T::fields());
      return Attrs(std::move(copy));
    }
    bool has_objects() const override {
      return std::apply([](const auto&... f) { return (detail::is_object(f) || ...); }, T::fields());
    }
    T value;
  };
  std::shared_ptr<const Base> holder_;
};

}  // namespace kerata
