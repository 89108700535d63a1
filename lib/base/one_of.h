// OneOf: a value of one of the types that a set lists, or of none. It does what std::variant does, and costs a file that
// passes it on nothing: the value lies on the heap, and how it is copied, compared and destroyed is said in one file for
// each set (one_of_types.h). With std::variant every file that copies a message compiles the copies of all messages.
//
//   struct ShapeSet { using Types = TypeList<Circle, Square>; };
//   using Shape = OneOf<ShapeSet>;
//
// The set may be incomplete where a value is only kept, moved or copied.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/type_list.h"

namespace kilonova {

// What is known of a type that is held.
struct HeldType {
  void (*destroy)(void* value);
  void* (*copy)(const void* value);
  bool (*equal)(const void* a, const void* b);
};

template <class Set>
class OneOf {
 public:
  static constexpr size_t kNothing = UINT16_MAX;

  OneOf() = default;
  template <class T>
    requires(!std::same_as<std::remove_cvref_t<T>, OneOf> && kIsIn<std::remove_cvref_t<T>, typename Set::Types>)
  OneOf(T&& value)  // NOLINT: converts, as std::variant does
      : value_(new std::remove_cvref_t<T>(std::forward<T>(value))), index_(kIndex<std::remove_cvref_t<T>>) {}
  OneOf(const OneOf& other)
      : value_(other.value_ ? types()[other.index_].copy(other.value_) : nullptr), index_(other.index_) {}
  OneOf(OneOf&& other) noexcept
      : value_(std::exchange(other.value_, nullptr)),
        index_(std::exchange(other.index_, static_cast<uint16_t>(kNothing))) {}
  OneOf& operator=(OneOf other) noexcept {
    std::swap(value_, other.value_);
    std::swap(index_, other.index_);
    return *this;
  }
  ~OneOf() {
    if (value_) types()[index_].destroy(value_);
  }

  // The place of the value's type in the set; kNothing without a value, as after a move from it.
  size_t index() const { return index_; }
  bool has_value() const { return value_ != nullptr; }

  template <class T>
  T& emplace() {
    *this = OneOf(T{});
    return *static_cast<T*>(value_);
  }

  template <class T>
  T* get_if() {
    return index_ == kIndex<T> ? static_cast<T*>(value_) : nullptr;
  }
  template <class T>
  const T* get_if() const {
    return index_ == kIndex<T> ? static_cast<const T*>(value_) : nullptr;
  }

  friend bool operator==(const OneOf& a, const OneOf& b) {
    return a.index_ == b.index_ && (!a.value_ || types()[a.index_].equal(a.value_, b.value_));
  }

  // For visit().
  void* address() { return value_; }
  const void* address() const { return value_; }

 private:
  template <class T>
  static constexpr auto kIndex = [] {
    static_assert(kIsIn<T, typename Set::Types>, "no type of this set");
    return static_cast<uint16_t>(kPositionIn<T, typename Set::Types>);
  }();

  // Of every type of the set, in its order: defined in one file (one_of_types.h).
  static const HeldType* types();

  void* value_ = nullptr;
  uint16_t index_ = kNothing;
};

// ---- named as std::variant's, so that they read alike

template <class T, class Set>
T* get_if(OneOf<Set>* value) {
  return value->template get_if<T>();
}
template <class T, class Set>
const T* get_if(const OneOf<Set>* value) {
  return value->template get_if<T>();
}

template <class T, class Set>
bool holds_alternative(const OneOf<Set>& value) {
  return value.template get_if<T>() != nullptr;
}

// What came over a wire is never taken so: it may be something else. Use get_if.
template <class T, class Set>
T& get(OneOf<Set>& value) {
  T* held = value.template get_if<T>();
  KN_CHECK(held != nullptr, "a value of another type is held");
  return *held;
}
template <class T, class Set>
const T& get(const OneOf<Set>& value) {
  const T* held = value.template get_if<T>();
  KN_CHECK(held != nullptr, "a value of another type is held");
  return *held;
}
template <class T, class Set>
T get(OneOf<Set>&& value) {
  return std::move(get<T>(value));
}

namespace one_of {

// Calls visitor with the value as T&, const T& or T&&, as `Value` is.
template <class Value, class T, class Result, class Visitor>
Result call(Visitor& visitor, Value& value) {
  if constexpr (std::is_const_v<std::remove_reference_t<Value>>) {
    return visitor(*static_cast<const T*>(value.address()));
  } else if constexpr (std::is_lvalue_reference_v<Value>) {
    return visitor(*static_cast<T*>(value.address()));
  } else {
    return visitor(std::move(*static_cast<T*>(value.address())));
  }
}

template <class Value, class Visitor, class First, class... Rest>
decltype(auto) visit_as(TypeList<First, Rest...>, Visitor& visitor, Value&& value) {
  using Held = std::conditional_t<std::is_lvalue_reference_v<Value>,
                                  std::conditional_t<std::is_const_v<std::remove_reference_t<Value>>, const First&, First&>,
                                  First&&>;
  using Result = std::invoke_result_t<Visitor&, Held>;
  using Call = Result (*)(Visitor&, std::remove_reference_t<Value>&);
  static constexpr Call kCalls[] = {&call<Value, First, Result, Visitor>, &call<Value, Rest, Result, Visitor>...};
  KN_CHECK(value.has_value(), "there is no value to visit");
  return kCalls[value.index()](visitor, value);
}

}  // namespace one_of

// Calls the visitor with the value; it takes every type of the set.
template <class Visitor, class Set>
decltype(auto) visit(Visitor&& visitor, OneOf<Set>& value) {
  return one_of::visit_as<OneOf<Set>&>(typename Set::Types{}, visitor, value);
}
template <class Visitor, class Set>
decltype(auto) visit(Visitor&& visitor, const OneOf<Set>& value) {
  return one_of::visit_as<const OneOf<Set>&>(typename Set::Types{}, visitor, value);
}
template <class Visitor, class Set>
decltype(auto) visit(Visitor&& visitor, OneOf<Set>&& value) {
  return one_of::visit_as<OneOf<Set>>(typename Set::Types{}, visitor, std::move(value));
}

}  // namespace kilonova
