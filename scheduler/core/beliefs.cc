// What a scheduler believes, for audits: of each host what it was told, and the debits that nobody has accounted for.
#include <algorithm>
#include <utility>
#include <vector>

#include "domain/beliefs.h"
#include "scheduler/core/scheduler_core.h"

namespace kilonova::scheduler {
namespace {

// The first `limit` of what `key` puts behind `after` (nothing = all), in order; true when there are more.
template <class T, class Key, class After>
bool take_page(std::vector<T>& items, uint32_t limit, Key key, const std::optional<After>& after) {
  if (after) std::erase_if(items, [&](const T& item) { return key(item) <= *after; });
  bool more = items.size() > limit;
  auto end = items.begin() + static_cast<std::ptrdiff_t>(more ? limit : items.size());
  std::partial_sort(items.begin(), end, items.end(), [&](const T& a, const T& b) { return key(a) < key(b); });
  items.erase(end, items.end());
  return more;
}

BeliefPage views(const HostManager& manager, const ReadBeliefs& request) {
  std::vector<const HostState*> hosts;
  for (HostIndex index = 0; index < manager.size(); ++index) hosts.push_back(&manager.host(index));
  auto name = [](const HostState* host) -> const std::string& { return host->name; };
  BeliefPage page;
  if (take_page(hosts, request.limit, name, std::optional(request.after))) page.next = hosts.back()->name;
  for (const HostState* host : hosts)
    page.views.push_back({.host = host->name,
                          .status_heard = host->status_heard,
                          .process = host->process,
                          .enabled = host->enabled,
                          .up = host->up,
                          .usage_heard = host->usage_heard,
                          .incarnation = host->usage_incarnation,
                          .version = host->usage_version,
                          .reported = host->reported,
                          .instances = host->reported_instances});
  return page;
}

}  // namespace

Expected<BeliefPage> SchedulerCore::beliefs(const ReadBeliefs& request) const {
  if (auto valid = check_beliefs_request(transport_.self(), request); !valid) return std::unexpected(valid.error());
  if (request.kind == BeliefKind::kViews) return views(hosts_, request);
  std::optional<Uuid> after = request.after.empty() ? std::nullopt : parse_uuid(request.after);
  if (!after && !request.after.empty()) return wrong_beliefs_position(request);
  const DebitTable& table = hosts_.debits();
  std::vector<const Debit*> debits;
  for (DebitTable::Slot slot = table.oldest(); slot != kNoIndex; slot = table.after(slot))
    debits.push_back(&table.at(slot));
  BeliefPage page;
  auto instance = [](const Debit* debit) -> const Uuid& { return debit->placement.instance; };
  if (take_page(debits, request.limit, instance, after)) page.next = to_string(debits.back()->placement.instance);
  for (const Debit* debit : debits)
    page.debits.push_back({.host = hosts_.host(debit->host).name,
                           .instance = debit->placement.instance,
                           .epoch = debit->placement.epoch,
                           .amount = debit->amount,
                           .age = options_.debit_expiry - (debit->expires - loop_.now())});
  return page;
}

}  // namespace kilonova::scheduler
