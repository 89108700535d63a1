#include "audit/findings.h"

#include "domain/beliefs.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

namespace kilonova::audit {
namespace {

template <class T>
void append(std::vector<T>& all, std::vector<T>& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

using Key = std::tuple<Kind, Uuid, std::string, std::string, int64_t>;
Key key_of(const Discrepancy& d) { return {d.kind, d.server, d.host, d.message, d.row_changed.us}; }

}  // namespace

void append(BeliefPage& all, BeliefPage page) {
  append(all.servers, page.servers);
  append(all.allocations, page.allocations);
  append(all.hosts, page.hosts);
  append(all.quotas, page.quotas);
  append(all.leases, page.leases);
  append(all.guests, page.guests);
  append(all.claims, page.claims);
  append(all.usages, page.usages);
  append(all.views, page.views);
  append(all.debits, page.debits);
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kGuestMissing: return "guest-missing";
    case Kind::kGuestOrphan: return "guest-orphan";
    case Kind::kGuestStale: return "guest-stale";
    case Kind::kGuestElsewhere: return "guest-elsewhere";
    case Kind::kGuestUnfinished: return "guest-unfinished";
    case Kind::kGuestDiffers: return "guest-differs";
    case Kind::kServerTwice: return "server-twice";
    case Kind::kPowerState: return "power-state";
    case Kind::kAllocationMissing: return "allocation-missing";
    case Kind::kAllocationOrphan: return "allocation-orphan";
    case Kind::kAllocationDiffers: return "allocation-differs";
    case Kind::kAddressMissing: return "address-missing";
    case Kind::kLeaseMissing: return "lease-missing";
    case Kind::kLeaseOrphan: return "lease-orphan";
    case Kind::kLeaseDiffers: return "lease-differs";
    case Kind::kAddressTwice: return "address-twice";
    case Kind::kMacTwice: return "mac-twice";
    case Kind::kGuestWithoutClaim: return "guest-without-claim";
    case Kind::kClaimWithoutGuest: return "claim-without-guest";
    case Kind::kClaimDiffers: return "claim-differs";
    case Kind::kUsageDiffers: return "usage-differs";
    case Kind::kViewMissing: return "view-missing";
    case Kind::kViewDiffers: return "view-differs";
    case Kind::kViewStatus: return "view-status";
    case Kind::kDebitLeft: return "debit-left";
    case Kind::kQuotaUsage: return "quota-usage";
  }
  return "unknown";
}

std::vector<Discrepancy> confirmed(const Findings& earlier, const Findings& later) {
  std::set<Key> before;
  for (const Discrepancy& found : earlier.discrepancies) before.insert(key_of(found));
  std::vector<Discrepancy> both;
  for (const Discrepancy& found : later.discrepancies)
    if (before.contains(key_of(found))) both.push_back(found);
  return both;
}

}  // namespace kilonova::audit
