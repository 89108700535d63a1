// The case of ASCII letters. All other bytes stay what they are, whatever the locale. Pure.
#pragma once

#include <string>

namespace kilonova {

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

inline std::string to_lower(std::string text) {
  for (char& c : text) c = to_lower(c);
  return text;
}
inline std::string to_upper(std::string text) {
  for (char& c : text) c = to_upper(c);
  return text;
}

}  // namespace kilonova
