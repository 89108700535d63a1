// How the replies of the public service are made of lists.
#pragma once

#include <vector>

#include "rpc/convert/declare.h"

namespace kilonova::rpc {

inline constexpr auto kToView = [](const auto& value, auto* view) { to_view(value, view); };
inline constexpr auto kEncode = [](const auto& value, auto* proto) { encode(value, proto); };

template <class T, class Views, class Convert>
void add_all(const std::vector<T>& values, Views* views, Convert convert) {
  views->Reserve(static_cast<int>(values.size()));
  for (const T& value : values) convert(value, views->Add());
}

// Of creates: the one that was made. False when there is none.
template <class T, class View, class Convert>
bool add_first(const std::vector<T>& values, View* view, Convert convert) {
  if (values.empty()) return false;
  convert(values.front(), view);
  return true;
}

}  // namespace kilonova::rpc

#define KN_EMPTY_REPLY(Name) \
  bool to_public(const Name::Reply&, Audience, v1::Name##Reply*) { return true; }
