#include "domain/outside_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "domain/form_rules.h"

namespace kilonova {
namespace {

using What = OutsideEvent::What;
using Words = std::vector<std::string_view>;

constexpr std::string_view kForm =
    "say 'at TIME delete server NAME', 'at TIME ACTION server NAME', 'at TIME server NAME to STATE[, after TIME "
    "STATE]', "
    "'at TIME host NAME down[ for TIME]' or 'at TIME host NAME up'";
constexpr int64_t kMostUs = 86'400'000'000;  // a day

struct Unit {
  std::string_view name;
  int64_t us;
};
constexpr Unit kUnits[] = {{"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}};

Expected<Duration> time_of(std::string_view word) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  const std::string_view rest(end, static_cast<size_t>(word.data() + word.size() - end));
  auto unit = std::ranges::find(kUnits, rest, &Unit::name);
  const bool is_known =
      error == std::errc() && number >= 0 && (unit != std::end(kUnits) || (number == 0 && rest.empty()));
  const int64_t each = unit == std::end(kUnits) ? 1 : unit->us;
  if (!is_known || number > kMostUs / each)
    return refuse(
        fmt::format("{} is no time: say a whole number with ms, s, m or h, up to one day, as in 30s", in_quotes(word)));
  return Duration{number * each};
}

Expected<VmState> state_of(std::string_view word) {
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  if (lower == "active") return VmState::kActive;
  if (lower == "error") return VmState::kError;
  return refuse(
      fmt::format("{} is no state that a server can be brought to from outside: say ERROR or ACTIVE", in_quotes(word)));
}

std::string action_names() {
  std::string names;
  for (const ServerActionInfo& info : server_actions())
    if (info.asked == ActionAsked::kPlain) names += fmt::format("{}{}", names.empty() ? "" : ", ", info.name);
  return names;
}

// The comma behind a word stands for itself.
Words words_of(std::string_view line) {
  Words words;
  size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
      ++at;
      continue;
    }
    size_t end = std::min(line.find_first_of(" \t\r,", at), line.size());
    if (end == at) ++end;  // a comma
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

class Line {
 public:
  Line(Words words, size_t number) : words_(std::move(words)) { event_.line = number; }

  Expected<std::vector<OutsideEvent>> read() {
    if (next() != "at") return refuse(fmt::format("{} is not how a line begins: {}", in_quotes(words_[0]), kForm));
    auto at = time_of(next());
    if (!at) return std::unexpected(at.error());
    event_.at = *at;
    const std::string_view verb = next();
    Expected<> read = verb == "server" ? state() : verb == "host" ? host() : act(verb);
    if (!read) return std::unexpected(read.error());
    if (at_ < words_.size()) return refuse(fmt::format("{} is too much: {}", in_quotes(words_[at_]), kForm));
    return std::move(events_);
  }

 private:
  // "" behind the last word.
  std::string_view next() { return at_ < words_.size() ? words_[at_++] : std::string_view(); }
  bool take(std::string_view word) {
    if (at_ >= words_.size() || words_[at_] != word) return false;
    ++at_;
    return true;
  }
  Expected<> name(std::string_view what) {
    const std::string_view word = next();
    if (word.empty() || word == ",") return refuse(fmt::format("the name of the {} is missing: {}", what, kForm));
    event_.name = word;
    return check_name(fmt::format("the {}'s name", what), word);
  }
  void add(What what, Duration later = {}) {
    event_.what = what;
    event_.at = event_.at + later;
    events_.push_back(event_);
  }

  Expected<> act(std::string_view verb) {
    const ServerActionInfo* action = find_action(verb);
    const bool is_plain = action != nullptr && action->asked == ActionAsked::kPlain;
    if (verb != "delete" && !is_plain)
      return refuse(fmt::format("{} is nothing that happens to a server or a host: say server, host, delete, {}",
                                in_quotes(verb), action_names()));
    const std::string_view noun = next();
    if (noun != "server")
      return refuse(fmt::format("{} must be followed by server and a name, not by {}", verb, in_quotes(noun)));
    if (auto named = name("server"); !named) return named;
    if (is_plain) event_.action = action->action;
    add(is_plain ? What::kActOnServer : What::kDeleteServer);
    return {};
  }
  Expected<> state() {
    if (auto named = name("server"); !named) return named;
    if (!take("to")) return refuse(fmt::format("{} must stand as 'to STATE': {}", in_quotes(next()), kForm));
    auto first = state_of(next());
    if (!first) return std::unexpected(first.error());
    event_.state = *first;
    add(What::kResetServer);
    while (take(",")) {
      if (!take("after")) return refuse(fmt::format("{} must stand as ', after TIME STATE'", in_quotes(next())));
      auto later = time_of(next());
      if (!later) return std::unexpected(later.error());
      auto state = state_of(next());
      if (!state) return std::unexpected(state.error());
      event_.state = *state;
      add(What::kResetServer, *later);
    }
    return {};
  }
  Expected<> host() {
    if (auto named = name("host"); !named) return named;
    const std::string_view what = next();
    if (what != "down" && what != "up")
      return refuse(fmt::format("{} is nothing that becomes of a host: say down or up", in_quotes(what)));
    add(what == "down" ? What::kHostDown : What::kHostUp);
    if (what == "up" || !take("for")) return {};
    auto lasts = time_of(next());
    if (!lasts) return std::unexpected(lasts.error());
    add(What::kHostUp, *lasts);
    return {};
  }

  Words words_;
  size_t at_ = 0;
  OutsideEvent event_;
  std::vector<OutsideEvent> events_;
};

}  // namespace

std::string to_string(const OutsideEvent& event) {
  switch (event.what) {
    case What::kDeleteServer: return fmt::format("delete server {}", event.name);
    case What::kActOnServer: return fmt::format("{} server {}", find_action(event.action)->name, event.name);
    case What::kResetServer:
      return fmt::format("server {} to {}", event.name, event.state == VmState::kActive ? "ACTIVE" : "ERROR");
    case What::kHostDown: return fmt::format("host {} down", event.name);
    case What::kHostUp: return fmt::format("host {} up", event.name);
  }
  return {};
}

Expected<std::vector<OutsideEvent>> parse_outside_line(std::string_view line, size_t number) {
  Words words = words_of(line.substr(0, line.find('#')));
  if (words.empty()) return std::vector<OutsideEvent>();
  return Line(std::move(words), number).read();
}

Expected<std::vector<OutsideEvent>> parse_outside_events(std::string_view text, std::string_view file_name) {
  std::vector<OutsideEvent> events;
  std::string wrong;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    auto line = parse_outside_line(text.substr(0, end), number);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line) {
      events.insert(events.end(), line->begin(), line->end());
    } else {
      wrong += fmt::format("{}{}:{}: {}", wrong.empty() ? "" : "\n", file_name, number, line.error().message);
    }
  }
  if (!wrong.empty()) return refuse(std::move(wrong));
  std::ranges::sort(events, {}, [](const OutsideEvent& event) { return std::pair(event.at, event.line); });
  return events;
}

}  // namespace kilonova
