#include "ports/controller_store.h"

#include "base/one_of_types.h"

namespace kilonova {

template <>
const HeldType* OneOf<MutationSet>::types() {
  return held_types(MutationSet::Types{});
}

}  // namespace kilonova
