#include "controller/core/fault_book.h"

#include <algorithm>
#include <utility>

#include "base/glob.h"

namespace kilonova::controller {
namespace {

bool is_about(const FaultRule& rule, const FaultSubject& subject) {
  if (rule.count == 0 || !glob_matches(rule.server_pattern, subject.server)) return false;
  return rule.project.empty() || parse_uuid(rule.project) == subject.project;
}

}  // namespace

FaultBook::FaultBook(std::vector<FaultRule> rules, std::vector<FaultHit> hits) {
  for (auto& rule : rules) put(std::move(rule));
  for (auto& hit : hits) put(std::move(hit));
}

void FaultBook::put(FaultRule rule) {
  next_id_ = std::max(next_id_, rule.id + 1);
  uint64_t id = rule.id;
  rules_[id] = std::move(rule);
}

void FaultBook::erase(uint64_t id) {
  rules_.erase(id);
  hits_.erase(hits_.lower_bound({id, Uuid{}}), hits_.lower_bound({id + 1, Uuid{}}));
}

const FaultHit* FaultBook::hit(uint64_t rule, const Uuid& instance) const {
  auto it = hits_.find({rule, instance});
  return it == hits_.end() ? nullptr : &it->second;
}

void FaultBook::put(FaultHit hit) { hits_.insert_or_assign(hit.key(), hit); }

std::vector<InjectedFault> FaultBook::of_steps(const FaultSubject& subject, LaunchStep first, LaunchStep last) const {
  std::vector<InjectedFault> faults;
  for (const auto& [id, rule] : rules_)
    if (rule.step != LaunchStep::kNone && rule.step >= first && rule.step <= last && is_about(rule, subject))
      faults.push_back(injected(rule));
  return faults;
}

std::vector<InjectedFault> FaultBook::of_action(const FaultSubject& subject, std::string_view action) const {
  std::vector<InjectedFault> faults;
  for (const auto& [id, rule] : rules_)
    if (!rule.action.empty() && rule.action == action && is_about(rule, subject)) faults.push_back(injected(rule));
  return faults;
}

std::vector<FaultRule> FaultBook::of_http() const {
  std::vector<FaultRule> rules;
  for (const auto& [id, rule] : rules_)
    if (!rule.http.empty() && rule.count != 0) rules.push_back(rule);
  return rules;
}

}  // namespace kilonova::controller
