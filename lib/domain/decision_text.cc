#include "domain/decision_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <span>
#include <type_traits>
#include <vector>

namespace kilonova {
namespace {

// A field behind its tab. A text that could end it, or the line, has blanks there.
void put(fmt::memory_buffer& out, std::string_view text) {
  out.push_back('\t');
  for (char c : text) out.push_back(c == '\t' || c == '\n' || c == '\r' ? ' ' : c);
}
template <class Number>
  requires std::is_arithmetic_v<Number>
void put(fmt::memory_buffer& out, Number number) {
  out.push_back('\t');
  // Most of them are whole. Up to here, whole numbers of both kinds look alike.
  constexpr double kPlainWhole = 1e15;
  if constexpr (std::is_floating_point_v<Number>) {
    if (std::trunc(number) != number || std::abs(number) >= kPlainWhole || (number == 0 && std::signbit(number))) {
      fmt::format_to(std::back_inserter(out), "{}", number);
      return;
    }
  }
  const fmt::format_int digits(static_cast<std::conditional_t<std::is_unsigned_v<Number>, uint64_t, int64_t>>(number));
  out.append(digits.data(), digits.data() + digits.size());
}

template <class... Fields>
void put_line(fmt::memory_buffer& out, std::string_view what, const Fields&... fields) {
  if (out.size() > 0) out.push_back('\n');
  out.append(what);
  (put(out, fields), ...);
}

using Words = std::vector<std::string_view>;

Words split(std::string_view text, char separator) {
  Words words;
  for (;;) {
    size_t end = text.find(separator);
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

template <class Number>
bool read(std::string_view word, Number& number) {
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size();
}

bool read_weighed(std::span<const std::string_view> words, Decision& decision) {
  if (words.size() < 2 || words.size() % 4 != 2) return false;
  WeighedHost host{.host = std::string(words[0]), .weight = 0, .scores = {}};
  if (!read(words[1], host.weight)) return false;
  for (size_t i = 2; i < words.size(); i += 4) {
    WeigherScore score{.weigher = std::string(words[i]), .raw = 0, .weight = 0};
    if (!read(words[i + 1], score.raw) || !read(words[i + 2], score.weight) || !read(words[i + 3], score.multiplier))
      return false;
    host.scores.push_back(std::move(score));
  }
  decision.weighed.push_back(std::move(host));
  return true;
}

bool read_line(std::span<const std::string_view> words, Decision& decision) {
  const std::string_view what = words[0];
  words = words.subspan(1);
  if (what == "weighed") return read_weighed(words, decision);
  if (what == "from_alternates") return decision.from_alternates = words.empty();
  if (what == "try" && words.size() == 5) {
    decision.scheduler = words[2];
    decision.driver = words[3];
    return read(words[0], decision.epoch) && read(words[1], decision.attempt) && read(words[4], decision.hosts_total);
  }
  if (what == "filter" && words.size() == 2) {
    FilterCount& filter = decision.filters.emplace_back(FilterCount{std::string(words[0]), 0});
    return read(words[1], filter.hosts_left);
  }
  if (what == "ratios" && words.size() == 3) {
    AllocationRatios& ratios = decision.ratios;
    return read(words[0], ratios.vcpus) && read(words[1], ratios.memory) && read(words[2], ratios.disk);
  }
  if (words.size() != 1) return false;
  if (what == "chosen")
    decision.chosen = words[0];
  else if (what == "alternate")
    decision.alternates.emplace_back(words[0]);
  else if (what == "reason")
    decision.reason = words[0];
  else if (what == "explanation")
    decision.explanation = words[0];
  else
    return false;
  return true;
}

}  // namespace

// Written for each launch: into one buffer, without a text for each field.
std::string to_text(const Decision& decision) {
  fmt::memory_buffer out;
  put_line(out, "try", decision.epoch, decision.attempt, decision.scheduler, decision.driver, decision.hosts_total);
  for (const FilterCount& filter : decision.filters) put_line(out, "filter", filter.filter, filter.hosts_left);
  for (const WeighedHost& host : decision.weighed) {
    put_line(out, "weighed", host.host, host.weight);
    for (const WeigherScore& score : host.scores) {
      put(out, score.weigher);
      put(out, score.raw);
      put(out, score.weight);
      put(out, score.multiplier);
    }
  }
  put_line(out, "ratios", decision.ratios.vcpus, decision.ratios.memory, decision.ratios.disk);
  if (!decision.chosen.empty()) put_line(out, "chosen", decision.chosen);
  for (const std::string& host : decision.alternates) put_line(out, "alternate", host);
  if (decision.from_alternates) put_line(out, "from_alternates");
  if (!decision.reason.empty()) put_line(out, "reason", decision.reason);
  if (!decision.explanation.empty()) put_line(out, "explanation", decision.explanation);
  return fmt::to_string(out);
}

std::optional<Decision> parse_decision(std::string_view text) {
  if (!text.starts_with("try\t")) return std::nullopt;
  Decision decision;
  for (std::string_view line : split(text, '\n')) {
    Words words = split(line, '\t');
    if (!read_line(words, decision)) return std::nullopt;
  }
  return decision;
}

}  // namespace kilonova
