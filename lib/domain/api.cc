#include "domain/api.h"

#include "base/one_of_types.h"

namespace kilonova {

template <>
const HeldType* OneOf<OperationSet>::types() {
  return held_types(OperationSet::Types{});
}

template <>
const HeldType* OneOf<ReplySet>::types() {
  return held_types(ReplySet::Types{});
}

namespace {

template <class... Operations>
const Operation& at(TypeList<Operations...>, size_t index) {
  static constexpr const Operation* kFacts[] = {&Operations::kOperation...};
  return *kFacts[index];
}

}  // namespace

const Operation& operation_of(const ApiRequest& request) {
  KN_CHECK(request.has_value(), "a request without an operation");
  return at(OperationSet::Types{}, request.index());
}

}  // namespace kilonova
