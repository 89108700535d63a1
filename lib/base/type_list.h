// TypeList: a list of types that templates walk: the operations, the messages, the stored records.
#pragma once

#include <cstddef>

namespace kilonova {

template <class... Ts>
struct TypeList {
  static constexpr size_t kSize = sizeof...(Ts);
};

namespace type_list {

template <class... Lists>
struct Joined;
template <>
struct Joined<> {
  using Type = TypeList<>;
};
template <class... Ts>
struct Joined<TypeList<Ts...>> {
  using Type = TypeList<Ts...>;
};
template <class... As, class... Bs, class... Rest>
struct Joined<TypeList<As...>, TypeList<Bs...>, Rest...> : Joined<TypeList<As..., Bs...>, Rest...> {};

// Where T stands in the list; its size when it is not in it.
template <class T, class... Ts>
consteval size_t position(TypeList<Ts...>) {
  constexpr bool same[] = {__is_same(T, Ts)..., true};
  size_t i = 0;
  while (!same[i]) ++i;
  return i;
}

template <class Seen, class... Ts>
struct Distinct {
  using Type = Seen;
};
template <class... Seen, class T, class... Ts>
struct Distinct<TypeList<Seen...>, T, Ts...> {
  static constexpr bool kKnown = (__is_same(T, Seen) || ...);
  template <bool known, class>
  struct Next;
  template <class U>
  struct Next<true, U> : Distinct<TypeList<Seen...>, Ts...> {};
  template <class U>
  struct Next<false, U> : Distinct<TypeList<Seen..., U>, Ts...> {};
  using Type = typename Next<kKnown, T>::Type;
};

}  // namespace type_list

// The lists one after the other.
template <class... Lists>
using Concat = typename type_list::Joined<Lists...>::Type;

// Each of these types once, in the order of its first place.
template <class... Ts>
using DistinctOf = typename type_list::Distinct<TypeList<>, Ts...>::Type;

template <class T, class List>
inline constexpr size_t kPositionIn = type_list::position<T>(List{});

template <class T, class List>
inline constexpr bool kIsIn = kPositionIn<T, List> < List::kSize;

// Calls visit.template operator()<T>() for each type of the list, in order.
template <class... Ts, class Visit>
constexpr void for_each_type(TypeList<Ts...>, Visit&& visit) {
  (visit.template operator()<Ts>(), ...);
}

}  // namespace kilonova
