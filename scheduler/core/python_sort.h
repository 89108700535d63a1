// The order that list.sort(reverse=True) gives, also where numbers that are none (nan) make `<` no order at all: then it
// follows from which pairs the algorithm compares. Source: CPython 3.11, Objects/listsort.txt.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kilonova::scheduler {

// The places of `keys`, greatest key first; equal ones as they come. With a nan among 64 keys or more, which Python
// sorts in several runs that it merges, those that are nan come last.
std::vector<uint32_t> python_sorted_reversed(std::span<const double> keys);

}  // namespace kilonova::scheduler
