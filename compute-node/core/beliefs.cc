#include "compute-node/core/beliefs.h"

#include "domain/beliefs.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace kilonova::compute {
namespace {

Expected<BeliefPage> guests(const ComputeState& state, const ReadBeliefs& request) {
  std::optional<HostAndServer> after = HostAndServer{};
  if (!request.after.empty()) after = parse_host_and_server(request.after);
  if (!after) return wrong_beliefs_position(request);
  Expected<std::vector<GuestRecord>> records =
      state.ports.journal.read(after->host, after->instance, size_t{request.limit} + 1);
  if (!records) return std::unexpected(records.error());
  BeliefPage page;
  for (const GuestRecord& record : *records) {
    if (page.guests.size() == request.limit) {
      page.next = to_string(HostAndServer{page.guests.back().host, page.guests.back().instance});
      break;
    }
    page.guests.push_back({.host = record.host,
                           .instance = record.placement.instance,
                           .epoch = record.placement.epoch,
                           .resources = record.resources,
                           .power_state = record.power_state,
                           .built = record.built});
  }
  return page;
}

ClaimBelief belief_of(const ComputeState& state, const InstanceOnHost& entry) {
  ClaimBelief belief{.host = state.host_name(entry.key.host), .instance = entry.key.instance, .epoch = entry.epoch};
  belief.working = entry.building || entry.unanswered || state.instance_locks.held(entry.key);
  if (!entry.guest) return belief;
  belief.epoch = entry.guest->epoch;
  belief.held = entry.guest->claim.held();
  belief.resources = entry.guest->claim.resources();
  belief.power_state = entry.guest->power_state;
  belief.built = entry.guest->built;
  return belief;
}

// Entries by (host, server); behind them, as of no host, the releases that are not confirmed.
Expected<BeliefPage> claims(const ComputeState& state, const ReadBeliefs& request) {
  std::optional<HostAndServer> after;
  if (!request.after.empty() && !(after = parse_host_and_server(request.after))) return wrong_beliefs_position(request);
  BeliefPage page;
  if (!after || !after->host.empty()) {
    std::optional<HostInstance> behind;
    if (after) {
      std::optional<uint32_t> host = state.find_host(after->host);
      if (!host) return wrong_beliefs_position(request);
      behind = HostInstance{*host, after->instance};
    }
    std::vector<const InstanceOnHost*> entries;
    for (const InstanceOnHost& entry : state.table.entries())
      if (!behind || entry.key > *behind) entries.push_back(&entry);
    auto wanted = static_cast<std::ptrdiff_t>(std::min<size_t>(entries.size(), request.limit));
    std::partial_sort(entries.begin(), entries.begin() + wanted, entries.end(),
                      [](const auto* a, const auto* b) { return a->key < b->key; });
    for (std::ptrdiff_t i = 0; i < wanted; ++i)
      page.claims.push_back(belief_of(state, *entries[static_cast<size_t>(i)]));
    if (page.claims.size() == request.limit) {
      page.next = to_string(HostAndServer{page.claims.back().host, page.claims.back().instance});
      return page;
    }
  }
  Uuid released = after && after->host.empty() ? after->instance : Uuid{};
  size_t room = request.limit - page.claims.size();
  for (const PlacementId& release : state.releases.unconfirmed(released, room))
    page.claims.push_back({.host = "", .instance = release.instance, .epoch = release.epoch, .working = true});
  if (page.claims.size() == request.limit)
    page.next = to_string(HostAndServer{page.claims.back().host, page.claims.back().instance});
  return page;
}

Expected<BeliefPage> usages(const ComputeState& state, const ReadBeliefs& request) {
  uint32_t host = 0;
  if (!request.after.empty()) {
    std::optional<uint32_t> after = state.find_host(request.after);
    if (!after) return wrong_beliefs_position(request);
    host = *after + 1;
  }
  BeliefPage page;
  for (; host < state.hosts.size(); ++host) {
    if (state.hosts[host].is_not_ours()) continue;
    if (page.usages.size() == request.limit) {
      page.next = page.usages.back().host;
      break;
    }
    const ResourceTracker::Usage& usage = state.tracker.usage(host);
    page.usages.push_back({.host = state.host_name(host),
                           .incarnation = state.ports.transport.incarnation(),
                           .version = usage.version,
                           .used = usage.used,
                           .instances = usage.instances});
  }
  return page;
}

}  // namespace

Expected<BeliefPage> describe_beliefs(const ComputeState& state, const ReadBeliefs& request) {
  if (auto valid = check_beliefs_request(state.ports.transport.self(), request); !valid)
    return std::unexpected(valid.error());
  switch (request.kind) {
    case BeliefKind::kGuests: return guests(state, request);
    case BeliefKind::kClaims: return claims(state, request);
    default: return usages(state, request);
  }
}

}  // namespace kilonova::compute
