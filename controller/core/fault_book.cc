#include "controller/core/fault_book.h"

#include "domain/nouns/fault_rule.h"

#include <algorithm>
#include <utility>

namespace kilonova::controller {

FaultBook::FaultBook(std::vector<FaultRule> rules) {
  for (auto& rule : rules) put(std::move(rule));
}

void FaultBook::put(FaultRule rule) {
  next_id_ = std::max(next_id_, rule.id + 1);
  uint64_t id = rule.id;
  rules_[id] = std::move(rule);
}

void FaultBook::erase(uint64_t id) {
  rules_.erase(id);
  reserved_.erase(id);
}

std::vector<InjectedFault> FaultBook::reserve(const std::vector<std::string>& server_names, LaunchStep first,
                                              LaunchStep last) {
  std::vector<InjectedFault> faults;
  for (const auto& [id, rule] : rules_) {
    if (rule.step < first || rule.step > last) continue;
    if (rule.count >= 0 && rule.count <= reserved_[id]) continue;
    auto matches = [&](const std::string& name) { return glob_matches(rule.server_pattern, name); };
    if (std::ranges::none_of(server_names, matches)) continue;
    reserved_[id] += 1;
    faults.push_back({id, rule.step, rule.host_pattern, rule.delay, rule.fails, rule.aborts, rule.message});
  }
  return faults;
}

std::vector<CountedStrike> FaultBook::strike(const std::vector<uint64_t>& struck, std::vector<FaultRule>& rows) {
  std::vector<CountedStrike> strikes;
  for (uint64_t id : struck) {
    auto it = rules_.find(id);
    if (it == rules_.end()) continue;
    const bool counts_down = it->second.count > 0;  // else without limit, or of a try that the last life reserved
    it->second.struck += 1;
    if (counts_down) it->second.count -= 1;
    strikes.push_back({id, counts_down});
    rows.push_back(it->second);
  }
  return strikes;
}

void FaultBook::unstrike(const std::vector<CountedStrike>& strikes) {
  for (const CountedStrike& strike : strikes) {
    auto it = rules_.find(strike.rule_id);
    if (it == rules_.end()) continue;
    it->second.struck -= 1;
    if (strike.counted_down) it->second.count += 1;
  }
}

void FaultBook::settle(const std::vector<uint64_t>& reserved) {
  for (uint64_t id : reserved) {
    auto it = reserved_.find(id);
    if (it != reserved_.end() && it->second > 0) it->second -= 1;
  }
}

}  // namespace kilonova::controller
