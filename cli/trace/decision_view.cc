#include "cli/trace/decision_view.h"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "cli/output/color.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

std::vector<std::string> alternates_of(const v1::Decision& decision) {
  return {decision.alternates().begin(), decision.alternates().end()};
}

std::string render_filters(const v1::Decision& decision, size_t width, bool color) {
  Table filters({{"filter"}, {"hosts left", Align::kRight}, {"refused", Align::kRight}});
  filters.add_row({"(all)", std::to_string(decision.hosts_total()), ""});
  uint32_t before = decision.hosts_total();
  for (const v1::FilterCount& filter : decision.filters()) {
    uint32_t refused = before - std::min(before, filter.hosts_left());
    // A column of zeros says nothing; what refused somebody stands out.
    filters.add_row(
        {filter.filter(), std::to_string(filter.hosts_left()), refused == 0 ? "-" : std::to_string(refused)});
    before = filter.hosts_left();
  }
  return filters.render(width, color);
}

// Each weigher's say (multiplier times the normalised value, and in brackets what it saw) on the best hosts.
std::string render_weighers(const v1::Decision& decision, size_t width, bool color) {
  std::vector<Table::Column> columns{{"host"}, {"total", Align::kRight}};
  int rank = 0;
  for (const v1::WeigherScore& score : decision.weighed(0).scores())
    columns.push_back({score.weigher(), Align::kRight, ++rank});
  size_t cells = columns.size();
  Table table(std::move(columns));
  for (const v1::WeighedHost& host : decision.weighed()) {
    std::vector<std::string> row{host.host() + (host.host() == decision.chosen() ? " *" : ""),
                                 fmt::format("{:.4f}", host.weight())};
    for (const v1::WeigherScore& score : host.scores()) row.push_back(score_text(score));
    row.resize(cells);
    table.add_row(std::move(row));
  }
  uint32_t left = decision.filters().empty() ? decision.hosts_total() : decision.filters().rbegin()->hosts_left();
  return fmt::format("the best {} of {} hosts, * is the one that was chosen:\n", decision.weighed_size(), left) +
         table.render(width, color);
}

// "CPUWeigher 1, RAMWeigher -1": what each score was multiplied with; "1 or 2" where aggregates of the hosts differ.
std::string multipliers_text(const v1::Decision& decision) {
  std::string text;
  const v1::WeighedHost& first = decision.weighed(0);
  for (int w = 0; w < first.scores_size(); ++w) {
    std::set<double> values;
    for (const v1::WeighedHost& host : decision.weighed())
      if (w < host.scores_size()) values.insert(host.scores(w).multiplier());
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", one_line(first.scores(w).weigher()),
                        fmt::join(values, " or "));
  }
  return text;
}

std::string ratios_text(const v1::AllocationRatios& ratios) {
  return fmt::format("vcpus {}, memory {}, disk {}", ratios.vcpus(), ratios.memory(), ratios.disk());
}

std::string why_none(const v1::Decision& decision) {
  std::string why = decision.reason();
  if (!decision.explanation().empty()) why += (why.empty() ? "" : " ") + decision.explanation();
  return why.empty() ? "no reason was given" : why;
}

}  // namespace

Json scores_json(const Scores& scores) {
  Json json = Json::array();
  for (const v1::WeigherScore& score : scores)
    json.push_back({{"weigher", score.weigher()},
                    {"raw", score.raw()},
                    {"multiplier", score.multiplier()},
                    {"score", score.weight()}});
  return json;
}

std::string score_text(const v1::WeigherScore& score) {
  return fmt::format("{:.4f} ({:.10g})", score.weight(), score.raw());
}

Json decision_json(const v1::Decision& decision) {
  Json filters = Json::array();
  for (const v1::FilterCount& filter : decision.filters())
    filters.push_back({{"filter", filter.filter()}, {"hosts_left", filter.hosts_left()}});
  Json weighed = Json::array();
  for (const v1::WeighedHost& host : decision.weighed()) {
    weighed.push_back({{"host", host.host()}, {"total", host.weight()}, {"scores", scores_json(host.scores())}});
  }
  auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json ratios = nullptr;
  if (decision.has_ratios())
    ratios = {{"cpu_allocation_ratio", decision.ratios().vcpus()},
              {"ram_allocation_ratio", decision.ratios().memory()},
              {"disk_allocation_ratio", decision.ratios().disk()}};
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
          {"reason", text_or_null(decision.reason())},
          {"explanation", text_or_null(decision.explanation())},
          {"ratios", std::move(ratios)}};
}

std::string render_decision(const v1::Decision& decision, size_t width, bool color) {
  std::string title = fmt::format("try {}", decision.attempt());
  if (decision.epoch() != decision.attempt()) title += fmt::format(" (placement {})", decision.epoch());
  title += fmt::format(": {}, driver {}, ", one_line(decision.scheduler()), one_line(decision.driver()));
  bool found = !decision.chosen().empty();
  if (found)
    title += fmt::format("chose {}{}", one_line(decision.chosen()),
                         decision.from_alternates() ? ", an alternate of an earlier try that still fits" : "");
  else
    title += "no host: " + one_line(why_none(decision));
  std::string out;
  for (const std::string& line : wrapped(title, width == 0 ? title.size() + 1 : width))
    out += painted(line, found ? Tone::kTitle : Tone::kBad, color) + "\n";
  if (!decision.from_alternates() || !decision.filters().empty()) out += "\n" + render_filters(decision, width, color);
  if (!decision.weighed().empty()) out += "\n" + render_weighers(decision, width, color);
  if (!decision.weighed().empty() && !decision.weighed(0).scores().empty())
    out += fmt::format("\nmultipliers: {}\n", multipliers_text(decision));
  if (decision.has_ratios()) out += fmt::format("allocation ratios: {}\n", ratios_text(decision.ratios()));
  if (!decision.alternates().empty())
    out += fmt::format("\nalternates: {}\n", one_line(fmt::to_string(fmt::join(alternates_of(decision), ", "))));
  return out;
}

std::vector<std::string> decision_titles() {
  return {"server", "name",        "status",      "attempt",     "epoch", "scheduler",
          "driver", "hosts_total", "hosts_left",  "chosen",      "total", "from_alternates",
          "reason", "filters",     "explanation", "multipliers", "ratios"};
}

std::vector<std::string> decision_row(const v1::Server& server, const v1::Decision& decision) {
  uint32_t left = decision.filters().empty() ? decision.hosts_total() : decision.filters().rbegin()->hosts_left();
  std::string total, filters;
  for (const v1::WeighedHost& host : decision.weighed())
    if (host.host() == decision.chosen()) total = fmt::format("{}", host.weight());
  for (const v1::FilterCount& filter : decision.filters())
    filters += fmt::format("{}{}={}", filters.empty() ? "" : " ", filter.filter(), filter.hosts_left());
  return {server.id(),
          server.name(),
          server.status(),
          std::to_string(decision.attempt()),
          std::to_string(decision.epoch()),
          decision.scheduler(),
          decision.driver(),
          std::to_string(decision.hosts_total()),
          std::to_string(left),
          decision.chosen(),
          total,
          decision.from_alternates() ? "true" : "false",
          decision.reason(),
          filters,
          decision.explanation(),
          decision.weighed().empty() ? std::string() : multipliers_text(decision),
          decision.has_ratios() ? ratios_text(decision.ratios()) : std::string()};
}

}  // namespace kilonova::cli
