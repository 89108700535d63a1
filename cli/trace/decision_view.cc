#include "cli/trace/decision_view.h"

#include <fmt/format.h>

#include <vector>

#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

std::vector<std::string> alternates_of(const v1::Decision& decision) {
  return {decision.alternates().begin(), decision.alternates().end()};
}

std::string render_filters(const v1::Decision& decision, size_t width) {
  Table filters({{"filter"}, {"hosts left", Align::kRight}, {"refused", Align::kRight}});
  filters.add_row({"(all)", std::to_string(decision.hosts_total()), ""});
  uint32_t before = decision.hosts_total();
  for (const v1::FilterCount& filter : decision.filters()) {
    filters.add_row({filter.filter(), std::to_string(filter.hosts_left()),
                     std::to_string(before - std::min(before, filter.hosts_left()))});
    before = filter.hosts_left();
  }
  return filters.render(width);
}

// Each weigher's say (multiplier times the normalised value, and in brackets what it saw) on the best hosts.
std::string render_weighers(const v1::Decision& decision, size_t width) {
  std::vector<Table::Column> columns{{"host"}, {"weight", Align::kRight}};
  for (const v1::WeigherScore& score : decision.weighed(0).scores()) columns.push_back({score.weigher(), Align::kRight});
  size_t cells = columns.size();
  Table table(std::move(columns));
  for (const v1::WeighedHost& host : decision.weighed()) {
    std::vector<std::string> row{host.host() + (host.host() == decision.chosen() ? " *" : ""),
                                 fmt::format("{:.4f}", host.weight())};
    for (const v1::WeigherScore& score : host.scores())
      row.push_back(fmt::format("{:.4f} ({:g})", score.weight(), score.raw()));
    row.resize(cells);
    table.add_row(std::move(row));
  }
  return table.render(width);
}

}  // namespace

Json decision_json(const v1::Decision& decision) {
  Json filters = Json::array();
  for (const v1::FilterCount& filter : decision.filters())
    filters.push_back({{"filter", filter.filter()}, {"hosts_left", filter.hosts_left()}});
  Json weighed = Json::array();
  for (const v1::WeighedHost& host : decision.weighed()) {
    Json scores = Json::array();
    for (const v1::WeigherScore& score : host.scores())
      scores.push_back({{"weigher", score.weigher()}, {"raw", score.raw()}, {"weight", score.weight()}});
    weighed.push_back({{"host", host.host()}, {"weight", host.weight()}, {"scores", std::move(scores)}});
  }
  auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  return {{"epoch", decision.epoch()},
          {"attempt", decision.attempt()},
          {"scheduler", decision.scheduler()},
          {"driver", decision.driver()},
          {"hosts_total", decision.hosts_total()},
          {"filters", std::move(filters)},
          {"weighed", std::move(weighed)},
          {"chosen", text_or_null(decision.chosen())},
          {"alternates", alternates_of(decision)},
          {"from_alternates", decision.from_alternates()},
          {"reason", text_or_null(decision.reason())}};
}

std::string render_decision(const v1::Decision& decision, size_t width) {
  std::string out = fmt::format("try {} (placement {}): {}, driver {}, ", decision.attempt(), decision.epoch(),
                                one_line(decision.scheduler()), one_line(decision.driver()));
  if (decision.chosen().empty())
    out += fmt::format("no host: {}\n", one_line(decision.reason().empty() ? "no reason was given" : decision.reason()));
  else
    out += fmt::format("chose {}{}\n", one_line(decision.chosen()),
                       decision.from_alternates() ? ", an alternate of an earlier try that still fits" : "");
  if (!decision.from_alternates() || !decision.filters().empty()) out += "\n" + render_filters(decision, width);
  if (!decision.weighed().empty()) out += "\n" + render_weighers(decision, width);
  if (!decision.alternates().empty())
    out += fmt::format("\nalternates: {}\n", one_line(fmt::to_string(fmt::join(alternates_of(decision), ", "))));
  return out;
}

}  // namespace kilonova::cli
