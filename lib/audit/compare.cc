// What all parts of the comparison need: who said what, which servers are in motion. And quotas.
#include <fmt/format.h>

#include "audit/comparison.h"
#include "domain/beliefs.h"
#include "domain/nouns/quota.h"

namespace kilonova::audit {

std::string name_of(const Uuid& server) { return "server " + to_string(server); }

std::string name_of(const ServerBelief& row) { return fmt::format("{} ({})", name_of(row.uuid), row.name); }

std::string text_of(const Resources& resources) {
  return fmt::format("{} vcpus, {} MiB, {} GiB", resources.vcpus, resources.memory_mb, resources.disk_gb);
}

std::string state_of(const ServerBelief& row) {
  std::string text(to_string(row.vm_state));
  if (row.task_state != TaskState::kNone) text += fmt::format("/{}", to_string(row.task_state));
  text += fmt::format(", epoch {}", row.epoch);
  if (!row.host.empty()) text += " on " + row.host;
  return text;
}

bool needs_guest(const ServerBelief& row) { return has_guest(row.vm_state, row.host); }

bool is_of_next(const ServerBelief& row, uint64_t epoch) { return row.next && row.next->epoch == epoch; }

Comparison::Comparison(const Beliefs& beliefs) : beliefs_(beliefs) {
  for (const SilentDaemon& daemon : beliefs.silent) silent_.insert(daemon.daemon);
  for (const DaemonBeliefs& daemon : beliefs.daemons) {
    switch (daemon.daemon.role) {
      case Role::kController: index_controller(daemon.beliefs); break;
      case Role::kCompute: index_compute(daemon.daemon, daemon.beliefs); break;
      case Role::kScheduler: findings_.schedulers += 1; break;
      case Role::kNetwork:
        leases_told_ = true;
        for (const LeaseBelief& lease : daemon.beliefs.leases) leases_[lease.instance].push_back(&lease);
        findings_.leases += daemon.beliefs.leases.size();
        break;
      case Role::kApi:
      case Role::kClient: break;
    }
  }
  note_motion();
}

void Comparison::index_controller(const BeliefPage& beliefs) {
  for (const ServerBelief& row : beliefs.servers) rows_[row.uuid] = &row;
  for (const HostBelief& host : beliefs.hosts) hosts_[host.name] = &host;
  for (const Allocation& allocation : beliefs.allocations) allocations_[allocation.key()] = &allocation;
  findings_.servers = rows_.size();
  findings_.hosts = hosts_.size();
}

void Comparison::index_compute(PeerId process, const BeliefPage& beliefs) {
  for (const GuestBelief& guest : beliefs.guests) guests_[guest.instance].push_back({process, &guest});
  findings_.guests += beliefs.guests.size();
}

// Every daemon that is busy with a server makes it one in motion.
void Comparison::note_motion() {
  for (const DaemonBeliefs& daemon : beliefs_.daemons) {
    for (const ServerBelief& row : daemon.beliefs.servers)
      if (row.task_state != TaskState::kNone || row.vm_state == VmState::kBuilding) in_motion_.insert(row.uuid);
    for (const ClaimBelief& claim : daemon.beliefs.claims)
      if (claim.working) in_motion_.insert(claim.instance);
    for (const DebitBelief& debit : daemon.beliefs.debits)
      if (debit.age < kDebitPatience) in_motion_.insert(debit.instance);
  }
  for (const Uuid& server : in_motion_) {
    const ServerBelief* row = row_of(server);
    findings_.in_motion.push_back(
        {server, row ? fmt::format("{} is {}", row->name, state_of(*row)) : std::string("its row is gone")});
  }
}

const ServerBelief* Comparison::row_of(const Uuid& server) const {
  auto row = rows_.find(server);
  return row == rows_.end() ? nullptr : row->second;
}

bool Comparison::can_judge_host(const std::string& host) const {
  auto known = hosts_.find(host);
  return known == hosts_.end() || !silent_.contains(known->second->process);
}

bool Comparison::is_up(const std::string& host) const {
  auto known = hosts_.find(host);
  return known != hosts_.end() && known->second->up;
}

void Comparison::add(Kind kind, const Uuid& server, std::string host, std::string message) {
  const ServerBelief* row = row_of(server);
  findings_.discrepancies.push_back(
      {kind, server, std::move(host), std::move(message), row ? row->updated_at : WallTime{}});
}

void Comparison::compare_quotas() {
  auto text = [](const QuotaUsage& usage) {
    return fmt::format("{} servers, {} cores, {} MiB", usage.instances, usage.cores, usage.ram_mb);
  };
  for (const DaemonBeliefs& daemon : beliefs_.daemons)
    for (const QuotaBelief& quota : daemon.beliefs.quotas)
      if (quota.counted != quota.rows)
        add(Kind::kQuotaUsage, {}, "",
            fmt::format("project {} counts as using {}, its rows use {}", to_hex(quota.project_id), text(quota.counted),
                        text(quota.rows)));
}

Findings compare(const Beliefs& beliefs) {
  Comparison comparison(beliefs);
  comparison.compare_servers();
  comparison.compare_computes();
  comparison.compare_schedulers();
  comparison.compare_quotas();
  return comparison.take_findings();
}

}  // namespace kilonova::audit
