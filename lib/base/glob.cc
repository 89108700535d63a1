#include "base/glob.h"

#include <cstddef>

namespace kilonova {

bool glob_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return true;
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, star_text = 0;  // the last `*`, and what it has swallowed so far
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace kilonova
