// What OneOf must know of the types of a set. Included by the one file that knows all of them:
//
//   template <>
//   const HeldType* OneOf<ShapeSet>::types() { return held_types(ShapeSet::Types{}); }
#pragma once

#include "base/one_of.h"

namespace kilonova {

template <class... Ts>
const HeldType* held_types(TypeList<Ts...>) {
  static constexpr HeldType kTypes[] = {{
      [](void* value) { delete static_cast<Ts*>(value); },
      [](const void* value) -> void* { return new Ts(*static_cast<const Ts*>(value)); },
      [](const void* a, const void* b) { return *static_cast<const Ts*>(a) == *static_cast<const Ts*>(b); },
  }...};
  return kTypes;
}

}  // namespace kilonova
