#include "base/did_you_mean.h"

#include <algorithm>
#include <numeric>

namespace kilonova {
namespace {

// Levenshtein's; small words only.
size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  std::optional<std::string> best;
  size_t nearest = 3;  // two letters that differ, or one that is exchanged with its neighbour
  for (const std::string& one : known) {
    size_t letters = distance(word, one);
    if (letters < nearest && letters < one.size() / 2 + 1) {
      nearest = letters;
      best = one;
    }
  }
  return best;
}

}  // namespace kilonova
