#include "sim/checkers/server_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

namespace kilonova::sim {
namespace {

std::set<std::string> hosts_of(const RowState* row) {
  std::set<std::string> hosts;
  if (row == nullptr) return hosts;
  if (!row->host.empty()) hosts.insert(row->host);
  if (row->other && !row->other->host.empty()) hosts.insert(row->other->host);
  return hosts;
}

}  // namespace

void ServerGroupChecker::on_row(const Uuid& uuid, const RowState* before, const RowState* after) {
  if (after == nullptr || after->group.is_nil()) return;
  const std::set<std::string> was = hosts_of(before);
  for (const std::string& host : hosts_of(after))
    if (!was.contains(host)) check_bound(uuid, *after, host);
}

void ServerGroupChecker::check_bound(const Uuid& uuid, const RowState& row, const std::string& host) {
  auto group = groups_.find(row.group);
  if (group == groups_.end()) return;
  uint32_t here = 0, elsewhere = 0;
  for (const auto& [other, state] : ledger_.rows()) {
    if (other == uuid || state.group != row.group || state.vm_state == VmState::kSoftDelete) continue;
    const std::set<std::string> hosts = hosts_of(&state);
    here += hosts.contains(host) ? 1 : 0;
    elsewhere += !hosts.empty() && !hosts.contains(host) ? 1 : 0;
  }
  const ServerGroup& rule = group->second;
  if (rule.policy == GroupPolicy::kAntiAffinity && here >= std::max<uint32_t>(rule.max_server_per_host, 1))
    violations_.add("server groups", fmt::format("server {} came to {}, where {} others of its anti-affinity group are",
                                                 to_string(uuid), host, here));
  if (rule.policy == GroupPolicy::kAffinity && here == 0 && elsewhere > 0)
    violations_.add("server groups",
                    fmt::format("server {} came to {}, where none of its affinity group is, and {} are "
                                "elsewhere",
                                to_string(uuid), host, elsewhere));
}

void ServerGroupChecker::on_commit(const Transaction& transaction) {
  for (const Mutation& m : transaction) {
    if (const auto* put = get_if<mutation::Put<ServerGroup>>(&m)) groups_[put->row.id] = put->row;
    if (const auto* erase = get_if<mutation::Erase<ServerGroup>>(&m)) groups_.erase(erase->key);
  }
}

}  // namespace kilonova::sim
