#include "sim/checkers/fault_rules.h"

#include <fmt/format.h>

#include <string_view>

namespace kilonova::sim {
namespace {

constexpr std::string_view kName = "fault rules";

}  // namespace

void FaultRuleChecker::on_commit(const Transaction& transaction) {
  for (const Mutation& m : transaction) {
    const auto* put = get_if<mutation::Put<FaultRule>>(&m);
    if (put == nullptr) continue;
    if (auto known = rules_.find(put->row.id); known != rules_.end()) check(known->second, put->row, transaction);
    rules_.insert_or_assign(put->row.id, put->row);
  }
}

void FaultRuleChecker::check(const FaultRule& before, const FaultRule& after, const Transaction& transaction) {
  int64_t told = 0, strikes = 0;
  for (const Mutation& m : transaction) {
    const auto* put = get_if<mutation::Put<FaultHit>>(&m);
    if (put == nullptr || put->row.rule_id != after.id) continue;
    told += 1;
    strikes += put->row.strikes ? 1 : 0;
  }
  if (after.reached != before.reached + told || told > 1)
    violations_.add(kName, fmt::format("rule {} was reached {} times and then {}: {} answers are stored with that",
                                       after.id, before.reached, after.reached, told));
  if (after.struck != before.struck + strikes)
    violations_.add(kName, fmt::format("rule {} struck {} times and then {}: {} were told so", after.id, before.struck,
                                       after.struck, strikes));
  if (strikes > 0 && (before.count == 0 || (before.count > 0 && after.count != before.count - strikes)))
    violations_.add(kName, fmt::format("rule {} strikes with {} strikes left, and then has {}", after.id, before.count,
                                       after.count));
}

}  // namespace kilonova::sim
