// A cloud whose daemons agree: tests of the audit plant in it what does not.
#pragma once

#include <functional>
#include <string>

#include "audit/findings.h"
#include "domain/beliefs.h"

namespace kilonova::audit {

inline Uuid uuid_of(uint8_t number) {
  Uuid uuid;
  uuid.bytes[15] = number;
  return uuid;
}

inline constexpr Resources kTiny{1, 512, 1};
inline const Uuid kNetworkId = uuid_of(200);

// Two hosts of one compute process with a server each, one stopped; a third in ERROR. Everybody agrees.
class Cloud {
 public:
  Cloud() {
    beliefs.daemons = {{{Role::kController, 0}, {}},
                       {{Role::kNetwork, 0}, {}},
                       {{Role::kCompute, 0}, {}},
                       {{Role::kScheduler, 0}, {}}};
    add_host("h1");
    add_host("h2");
    add_server(1, VmState::kActive, "h1");
    add_server(2, VmState::kStopped, "h2");
    controller().servers.push_back(
        {.uuid = uuid_of(3), .name = "s3", .vm_state = VmState::kError, .epoch = 1, .resources = kTiny, .nics = 1});
    controller().quotas.push_back({uuid_of(100), {3, 3, 1536}, {3, 3, 1536}});
  }

  void add_host(const std::string& name) {
    controller().hosts.push_back({name, {Role::kCompute, 0}, true, true});
    compute().usages.push_back({name, 7, 1, {}, 0});
    scheduler().views.push_back({name, true, {Role::kCompute, 0}, true, true, true, 7, 1, {}, 0});
  }
  void add_server(uint8_t number, VmState state, const std::string& host) {
    PowerState power = state == VmState::kActive ? PowerState::kRunning : PowerState::kShutdown;
    HeldAddress address{0, kNetworkId, Ipv4{0x0a000000u + number}, Mac{number}};
    controller().servers.push_back({.uuid = uuid_of(number),
                                    .name = "s" + std::to_string(number),
                                    .vm_state = state,
                                    .power_state = power,
                                    .epoch = 2,
                                    .host = host,
                                    .resources = kTiny,
                                    .nics = 1,
                                    .addresses = {address},
                                    .updated_at = WallTime{number}});
    controller().allocations.push_back({uuid_of(number), 2, host, kTiny});
    network().leases.push_back({uuid_of(number), 2, address});
    compute().guests.push_back({host, uuid_of(number), 2, kTiny, power, true});
    compute().claims.push_back({host, uuid_of(number), 2, true, kTiny, power, true, false});
    for (UsageBelief& usage : compute().usages) {
      if (usage.host != host) continue;
      usage.used += kTiny;
      usage.instances += 1;
    }
    for (ViewBelief& view : scheduler().views) {
      if (view.host != host) continue;
      view.reported += kTiny;
      view.instances += 1;
    }
  }

  BeliefPage& controller() { return beliefs.daemons[0].beliefs; }
  BeliefPage& network() { return beliefs.daemons[1].beliefs; }
  BeliefPage& compute() { return beliefs.daemons[2].beliefs; }
  BeliefPage& scheduler() { return beliefs.daemons[3].beliefs; }
  ServerBelief& server(size_t index) { return controller().servers[index]; }
  // The guest and what its process remembers of it: both, so that they go on agreeing.
  void change_guest(size_t index, const std::function<void(GuestBelief&, ClaimBelief&)>& change) {
    change(compute().guests[index], compute().claims[index]);
  }

  Beliefs beliefs;
};

}  // namespace kilonova::audit
