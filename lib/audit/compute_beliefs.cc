// What a compute process remembers, against its hypervisors' journal and the usage it publishes.
#include <fmt/format.h>

#include <map>
#include <set>
#include <tuple>

#include "audit/comparison.h"
#include "domain/beliefs.h"

namespace kilonova::audit {

void Comparison::compare_computes() {
  for (const DaemonBeliefs& daemon : beliefs_.daemons) {
    if (daemon.daemon.role != Role::kCompute) continue;
    compare_journal(daemon);
    compare_usage(daemon);
  }
}

void Comparison::compare_journal(const DaemonBeliefs& compute) {
  const std::string process = to_string(compute.daemon);
  using Key = std::pair<std::string, Uuid>;
  std::map<Key, const GuestBelief*> guests;
  for (const GuestBelief& guest : compute.beliefs.guests) guests[{guest.host, guest.instance}] = &guest;
  std::set<Key> claimed;
  for (const ClaimBelief& claim : compute.beliefs.claims) {
    if (!claim.held) continue;
    claimed.insert({claim.host, claim.instance});
    if (!at_rest(claim.instance)) continue;
    auto found = guests.find({claim.host, claim.instance});
    if (found == guests.end()) {
      add(Kind::kClaimWithoutGuest, claim.instance, claim.host,
          fmt::format("{} holds a claim of {} on {} for epoch {} of {}, of which the journal has no guest", process,
                      text_of(claim.resources), claim.host, claim.epoch, name_of(claim.instance)));
      continue;
    }
    const GuestBelief& guest = *found->second;
    if (std::tie(claim.epoch, claim.resources, claim.power_state, claim.built) ==
        std::tie(guest.epoch, guest.resources, guest.power_state, guest.built))
      continue;
    auto text = [](const auto& belief) {
      return fmt::format("epoch {}, {}, {}, {}", belief.epoch, text_of(belief.resources), to_string(belief.power_state),
                         belief.built ? "built" : "unfinished");
    };
    add(Kind::kClaimDiffers, claim.instance, claim.host,
        fmt::format("{} on {}: {} remembers {}, its journal has {}", name_of(claim.instance), claim.host, process,
                    text(claim), text(guest)));
  }
  std::set<std::string> carried;
  for (const UsageBelief& usage : compute.beliefs.usages) carried.insert(usage.host);
  for (const auto& [key, guest] : guests) {
    if (claimed.contains(key) || !at_rest(guest->instance)) continue;
    // A host that was left out at this start is down, and its guests wait for it in the journal: nobody claims for
    // them.
    if (!carried.contains(guest->host) && !is_up(guest->host)) continue;
    add(Kind::kGuestWithoutClaim, guest->instance, guest->host,
        fmt::format("the journal of {} has a guest of epoch {} of {} on {}, for which nothing is claimed", process,
                    guest->epoch, name_of(guest->instance), guest->host));
  }
}

// Hosts at work are left out: a claim is taken a moment before it belongs to a guest.
void Comparison::compare_usage(const DaemonBeliefs& compute) {
  struct Sum {
    Resources used;
    uint32_t instances = 0;
    bool working = false;
  };
  std::map<std::string, Sum> sums;
  for (const ClaimBelief& claim : compute.beliefs.claims) {
    Sum& sum = sums[claim.host];
    sum.working = sum.working || claim.working;
    if (!claim.held) continue;
    sum.used += claim.resources;
    sum.instances += 1;
  }
  for (const UsageBelief& usage : compute.beliefs.usages) {
    const Sum& sum = sums[usage.host];
    if (sum.working || (sum.used == usage.used && sum.instances == usage.instances)) continue;
    add(Kind::kUsageDiffers, {}, usage.host,
        fmt::format("{} publishes (version {}) that {} servers use {} of {}; its claims are {} with {}",
                    to_string(compute.daemon), usage.version, usage.instances, text_of(usage.used), usage.host,
                    sum.instances, text_of(sum.used)));
  }
}

}  // namespace kilonova::audit
