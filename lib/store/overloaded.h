// A visitor made of lambdas, for std::visit over a mutation.
#pragma once

namespace kilonova {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace kilonova
