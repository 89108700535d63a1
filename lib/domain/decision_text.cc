#include "domain/decision_text.h"

#include <fmt/format.h>

#include <charconv>
#include <span>
#include <vector>

namespace kilonova {
namespace {

std::string field(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  return out;
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
  if (words.size() < 2 || words.size() % 3 != 2) return false;
  WeighedHost host{.host = std::string(words[0]), .weight = 0, .scores = {}};
  if (!read(words[1], host.weight)) return false;
  for (size_t i = 2; i < words.size(); i += 3) {
    WeigherScore score{.weigher = std::string(words[i]), .raw = 0, .weight = 0};
    if (!read(words[i + 1], score.raw) || !read(words[i + 2], score.weight)) return false;
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
  if (words.size() != 1) return false;
  if (what == "chosen")
    decision.chosen = words[0];
  else if (what == "alternate")
    decision.alternates.emplace_back(words[0]);
  else if (what == "reason")
    decision.reason = words[0];
  else
    return false;
  return true;
}

}  // namespace

std::string to_text(const Decision& decision) {
  std::string text = fmt::format("try\t{}\t{}\t{}\t{}\t{}", decision.epoch, decision.attempt, field(decision.scheduler),
                                 field(decision.driver), decision.hosts_total);
  for (const FilterCount& filter : decision.filters)
    text += fmt::format("\nfilter\t{}\t{}", field(filter.filter), filter.hosts_left);
  for (const WeighedHost& host : decision.weighed) {
    text += fmt::format("\nweighed\t{}\t{}", field(host.host), host.weight);
    for (const WeigherScore& score : host.scores)
      text += fmt::format("\t{}\t{}\t{}", field(score.weigher), score.raw, score.weight);
  }
  if (!decision.chosen.empty()) text += "\nchosen\t" + field(decision.chosen);
  for (const std::string& host : decision.alternates) text += "\nalternate\t" + field(host);
  if (decision.from_alternates) text += "\nfrom_alternates";
  if (!decision.reason.empty()) text += "\nreason\t" + field(decision.reason);
  return text;
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
