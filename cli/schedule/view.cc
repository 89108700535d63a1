#include "cli/schedule/view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/output/color.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace kilonova::cli::schedule {
namespace {

using namespace scheduler::nova;

std::string counted(size_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string title_line(const std::string& title, const std::string& id, const std::string& what, bool color) {
  return fmt::format("{}: {}\n", painted(id.empty() ? title : one_line(id), Tone::kTitle, color), what);
}

std::string failure_lines(const Failure& failure, size_t width, bool color) {
  std::string text = fmt::format("{} raised {}: {}", failure.in, failure.error.type, one_line(failure.error.message));
  std::string lines;
  for (const std::string& line : wrapped(text, width == 0 ? text.size() + 1 : width))
    lines += painted(line, Tone::kBad, color) + "\n";
  return lines;
}

std::string filter_lines(const FilteredHosts& filtered, size_t hosts, size_t width, bool color) {
  std::string out;
  if (filtered.start.size() != hosts) out += fmt::format("set apart by name: {} left\n", filtered.start.size());
  if (filtered.runs.empty()) return out;
  Table table({{"Filter"}, {"Left", Align::kRight}, {"Dropped", Align::kRight}});
  size_t before = filtered.start.size();
  for (const FilterRun& run : filtered.runs) {
    table.add_row(
        {std::string(run.filter), fmt::format("{}", run.left.size()), fmt::format("{}", before - run.left.size())});
    before = run.left.size();
  }
  return out + table.render(width, color);
}

// "RAMWeigher" as "RAM": the weighers stand side by side.
std::string short_name(std::string_view weigher) {
  if (weigher.ends_with("Weigher")) weigher.remove_suffix(7);
  if (weigher.starts_with("ServerGroup")) weigher.remove_prefix(11);
  return std::string(weigher);
}

// Weighers that gave all hosts the same are left out: they changed nothing.
bool tells_apart(const WeigherRun& run) {
  std::vector<double> scores;
  for (size_t i = 0; i < run.normalised.size(); ++i) scores.push_back(run.multipliers[i] * run.normalised[i]);
  return std::ranges::adjacent_find(scores, std::not_equal_to<>()) != scores.end();
}

std::string weight_lines(const CaseAnswer& answer, size_t width, bool color) {
  std::vector<const WeigherRun*> shown;
  for (const WeigherRun& run : answer.weighed.runs)
    if (tells_apart(run)) shown.push_back(&run);
  std::vector<Table::Column> columns = {{"Rank", Align::kRight}, {"Host"}, {"Weight", Align::kRight}};
  int rank = 0;
  for (const WeigherRun* run : shown) columns.push_back({short_name(run->weigher), Align::kRight, ++rank});
  Table table(std::move(columns));
  const std::vector<uint32_t>& order = answer.weighed.order;
  for (size_t i = 0; i < std::min(order.size(), kShownHosts); ++i) {
    const auto place =
        static_cast<size_t>(std::ranges::find(answer.filtered.left, order[i]) - answer.filtered.left.begin());
    std::vector<std::string> cells = {fmt::format("{}", i + 1), one_line(answer.hosts[order[i]]),
                                      fmt::format("{:.6g}", answer.weighed.weights[i])};
    for (const WeigherRun* run : shown)
      cells.push_back(fmt::format("{:.4g}", run->multipliers[place] * run->normalised[place] + 0.0));
    table.add_row(std::move(cells));
  }
  std::string out = table.render(width, color);
  if (order.size() > kShownHosts) out += fmt::format("and {} more\n", order.size() - kShownHosts);
  return out;
}

std::string outcome(const FoundHosts& found) {
  if (found.failure) return fmt::format("{} raised {}", found.failure->in, found.failure->error.type);
  return found.no_valid_host ? "NoValidHost" : "";
}

}  // namespace

std::string render(const CaseAnswer& answer, const std::string& title, size_t width, bool color) {
  const size_t hosts = answer.hosts.size();
  const FilteredHosts& filtered = answer.filtered;
  std::string what = counted(hosts, "host");
  if (!answer.weighed.order.empty()) what += ", best " + one_line(answer.hosts[answer.weighed.order.front()]);
  if (!filtered.failure && filtered.left.empty()) what += ", no valid host";
  std::string out = title_line(title, answer.id, what, color) + filter_lines(filtered, hosts, width, color);
  for (const auto& failure : {filtered.failure, answer.weighed.failure})
    if (failure) out += failure_lines(*failure, width, color);
  if (!answer.weighed.order.empty()) out += weight_lines(answer, width, color);
  return out;
}

std::string render(const SequenceAnswer& answer, const std::string& title, size_t width, bool color) {
  std::string out = title_line(
      title, answer.id, counted(answer.hosts.size(), "host") + ", " + counted(answer.steps.size(), "request"), color);
  Table table({{"Request", Align::kRight},
               {"Host"},
               {"Left", Align::kRight, 2},
               {"Weight", Align::kRight, 1},
               {"Alternates", Align::kLeft, 3}});
  for (size_t step = 0; step < answer.steps.size(); ++step) {
    const FoundHosts& found = answer.steps[step];
    for (size_t i = 0; i < found.chosen.size(); ++i) {
      std::vector<std::string> alternates;
      if (i < found.alternates.size())
        for (uint32_t place : found.alternates[i]) alternates.push_back(one_line(host_label(answer.hosts[place])));
      table.add_row({fmt::format("{}", step + 1), one_line(host_label(answer.hosts[found.chosen[i].host])),
                     fmt::format("{}", found.chosen[i].hosts_left), fmt::format("{:.6g}", found.chosen[i].weight),
                     fmt::format("{}", fmt::join(alternates, ", "))});
    }
    if (std::string end = outcome(found); !end.empty()) table.add_row({fmt::format("{}", step + 1), end, "", "", ""});
  }
  return out + table.render(width, color);
}

std::string render(const PlacementAnswer& answer, const std::string& title, size_t width, bool color) {
  std::vector<std::string> names;
  for (uint32_t place : answer.candidates) names.push_back(one_line(answer.providers[place]));
  std::string out =
      title_line(title, answer.id,
                 fmt::format("{} of {} have room", names.size(), counted(answer.providers.size(), "provider")), color);
  const std::string all = fmt::format("{}", fmt::join(names, " "));
  if (names.empty()) return out;
  for (const std::string& line : wrapped(all, width == 0 ? all.size() + 1 : width)) out += line + "\n";
  return out;
}

std::string render_names(const CaseAnswer& answer) {
  const std::vector<uint32_t>& order = answer.weighed.order;
  return (order.empty() ? "-" : one_line(answer.hosts[order.front()])) + "\n";
}

std::string render_names(const SequenceAnswer& answer) {
  std::string out;
  for (const FoundHosts& found : answer.steps) {
    for (const ChosenHost& chosen : found.chosen) out += one_line(host_label(answer.hosts[chosen.host])) + "\n";
    if (!outcome(found).empty()) out += "-\n";
  }
  return out;
}

std::string render_names(const PlacementAnswer& answer) {
  std::vector<std::string> names;
  for (uint32_t place : answer.candidates) names.push_back(one_line(answer.providers[place]));
  return fmt::format("{}\n", names.empty() ? "-" : fmt::format("{}", fmt::join(names, " ")));
}

}  // namespace kilonova::cli::schedule
