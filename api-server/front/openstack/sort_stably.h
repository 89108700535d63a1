// A sort that leaves equal rows in their order. (std::stable_sort of libstdc++ 12 uses what the standard has
// deprecated, which our warnings are errors about.)
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace kilonova::api::openstack {

template <class Row, class Less>
void sort_stably(std::vector<Row>& rows, Less less) {
  std::vector<size_t> order(rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) {
    if (less(rows[a], rows[b])) return true;
    return !less(rows[b], rows[a]) && a < b;
  });
  std::vector<Row> sorted;
  sorted.reserve(rows.size());
  for (size_t index : order) sorted.push_back(std::move(rows[index]));
  rows = std::move(sorted);
}

}  // namespace kilonova::api::openstack
