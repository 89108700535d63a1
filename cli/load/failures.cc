#include "cli/load/failures.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

// "8-4-4-4-12" hex digits at this place.
bool is_uuid(std::string_view text) {
  constexpr size_t kLength = 36;
  if (text.size() < kLength) return false;
  for (size_t i = 0; i < kLength; ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool ends_with_amount_ahead(std::string_view text) { return text.ends_with("No host has ") || text.ends_with(", none "); }

// "server web-17 (5c…)" -> "server web-N (UUID)"; "No host has 96 vcpus free (most free: 64)" -> "No host has N vcpus
// free".
std::string kind_of(std::string_view reason) {
  std::string text = one_line(reason);
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (is_uuid(std::string_view(text).substr(i))) {
      out += "UUID";
      i += 36;
    } else if (size_t end = text.find(')', i); end != std::string::npos && text.compare(i, 13, " (most free: ") == 0) {
      i = end + 1;
    } else if (is_digit(text[i]) && i > 0 && (text[i - 1] == '-' || ends_with_amount_ahead(out))) {
      while (i < text.size() && is_digit(text[i])) ++i;
      out += "N";
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::vector<std::pair<std::string, size_t>> most_first(const Failures& failures) {
  std::vector<std::pair<std::string, size_t>> reasons(failures.by_reason().begin(), failures.by_reason().end());
  std::ranges::sort(reasons, [](const auto& a, const auto& b) { return std::tie(b.second, a.first) < std::tie(a.second, b.first); });
  return reasons;
}

}  // namespace

void Failures::add(std::string_view reason, size_t count) {
  counts_[kind_of(reason)] += count;
  total_ += count;
}

Json failures_json(const Failures& failures) {
  Json json = Json::array();
  for (const auto& [reason, count] : most_first(failures)) json.push_back({{"reason", reason}, {"count", count}});
  return json;
}

std::string render_failures(const Failures& failures) {
  std::string out;
  for (const auto& [reason, count] : most_first(failures)) out += fmt::format("{:>8}  {}\n", count, reason);
  return out;
}

}  // namespace kilonova::cli
