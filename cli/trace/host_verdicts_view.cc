#include "cli/trace/host_verdicts_view.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "cli/output/table.h"
#include "cli/trace/decision_view.h"

namespace kilonova::cli {

Json host_verdicts_json(const v1::Decision& decision, const v1::HostVerdicts& verdicts) {
  Json hosts = Json::array();
  for (const v1::HostVerdict& verdict : verdicts.verdicts()) {
    const bool left_out = !verdict.left_out_by().empty();
    hosts.push_back({{"host", verdict.host()},
                     {"total", left_out ? Json(nullptr) : Json(verdict.weight())},
                     {"scores", scores_json(verdict.scores())},
                     {"left_out_by", left_out ? Json(verdict.left_out_by()) : Json(nullptr)}});
  }
  return {{"scheduler", decision.scheduler()}, {"epoch", decision.epoch()}, {"hosts", std::move(hosts)}};
}

std::string render_host_verdicts(const v1::Decision& decision, const v1::HostVerdicts& verdicts, size_t width,
                                 bool color) {
  const bool some_left_out =
      !verdicts.verdicts().empty() && !verdicts.verdicts().rbegin()->left_out_by().empty();  // they come last
  std::vector<Table::Column> columns{{"host"}, {"total", Align::kRight}};
  if (some_left_out) columns.push_back({"left out by"});
  int rank = 0;
  if (!verdicts.verdicts().empty())
    for (const v1::WeigherScore& score : verdicts.verdicts(0).scores())
      columns.push_back({score.weigher(), Align::kRight, ++rank});
  const size_t cells = columns.size();
  Table table(std::move(columns));
  for (const v1::HostVerdict& verdict : verdicts.verdicts()) {
    const bool left_out = !verdict.left_out_by().empty();
    std::vector<std::string> row{verdict.host() + (verdict.host() == decision.chosen() ? " *" : ""),
                                 left_out ? "-" : fmt::format("{:.4f}", verdict.weight())};
    if (some_left_out) row.push_back(verdict.left_out_by());
    for (const v1::WeigherScore& score : verdict.scores()) row.push_back(score_text(score));
    row.resize(cells);
    table.add_row(std::move(row));
  }
  return fmt::format("all {} hosts as {} saw them for try {}, * is the one that was chosen:\n", verdicts.total(),
                     decision.scheduler(), decision.attempt()) +
         table.render(width, color);
}

}  // namespace kilonova::cli
