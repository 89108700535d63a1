#include "scheduler/core/python_sort.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kilonova::scheduler {
namespace {

constexpr size_t kOneRun = 64;  // fewer are sorted by insertion alone

// Finds the run that `places` begin with, turned round when it goes down, and inserts the others, each before the first that
// a binary search finds it to be less than.
void sort_one_run(std::span<const double> keys, std::vector<uint32_t>& places) {
  auto less = [&](uint32_t a, uint32_t b) { return keys[a] < keys[b]; };
  auto run = places.begin() + 1;
  const bool goes_down = run != places.end() && less(*run, run[-1]);
  while (run != places.end() && less(*run, run[-1]) == goes_down) ++run;
  if (goes_down) std::reverse(places.begin(), run);
  for (; run != places.end(); ++run) {
    auto before = places.begin(), after = run;
    while (before < after) {
      auto middle = before + (after - before) / 2;
      if (less(*run, *middle)) {
        after = middle;
      } else {
        before = middle + 1;
      }
    }
    std::rotate(before, run, run + 1);
  }
}

}  // namespace

std::vector<uint32_t> python_sorted_reversed(std::span<const double> keys) {
  std::vector<uint32_t> places(keys.size());
  std::iota(places.begin(), places.end(), uint32_t{0});
  const bool is_ordered = std::ranges::none_of(keys, [](double key) { return std::isnan(key); });
  if (is_ordered || keys.size() >= kOneRun) {
    std::ranges::sort(places, [&](uint32_t a, uint32_t b) {
      const bool a_last = std::isnan(keys[a]), b_last = std::isnan(keys[b]);
      if (a_last != b_last) return b_last;
      return a_last || keys[a] == keys[b] ? a < b : keys[a] > keys[b];
    });
    return places;
  }
  // Sorted backwards and turned round again, so that equal ones stay as they came.
  std::ranges::reverse(places);
  sort_one_run(keys, places);
  std::ranges::reverse(places);
  return places;
}

}  // namespace kilonova::scheduler
