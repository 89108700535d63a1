// TerminatedInstances: what EC2 shows for an hour after its end, when no row of it is left. In memory: after a restart
// they are unknown.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "api-server/front/ec2/interface.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/instance.h"
#include "domain/server_properties.h"

namespace kilonova::api::ec2 {

// A server with what was said of it, and what its networks are.
struct ShownInstance {
  Instance server;
  ServerProperties properties;
  std::vector<ShownInterface> interfaces = {};  // in the order of its nics
  std::vector<GroupOfInterface> groups = {};    // of all interfaces; until there are some, those that it was asked with
};

// Loop thread only.
class TerminatedInstances {
 public:
  void add(ShownInstance instance, Instant now);
  // Of this project, the newest first, those of the last hour.
  std::vector<ShownInstance> of(const Uuid& project, Instant now);

 private:
  struct Kept {
    Instant since;
    ShownInstance instance;
  };
  void forget_old(Instant now);

  static constexpr Duration kShown = seconds(3600);
  static constexpr size_t kMaxKept = 10'000;

  std::deque<Kept> kept_;  // oldest first
};

}  // namespace kilonova::api::ec2
