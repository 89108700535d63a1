// FaultProxy: stands between daemons on the wire (kilonova.v1.Peer) and loses, repeats, delays and reorders what they say.
//
// For each daemon that others dial it listens on an address of its own (a route), and dials the daemon whenever one of them
// dials the route: two streams, one connection. The handshake passes through, but for the numbers to resume at: the proxy has
// a link of its own to either side, so that a message it loses leaves no gap, as if a full queue had dropped it. What it
// does to frames, on the other hand, those links have to notice. Loop thread only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "rpc/node/stream_events.h"
#include "runtime/loop.h"
#include "tests/tools/proxy/fault_rules.h"
#include "tests/tools/proxy/many_queues.h"
#include "tests/tools/proxy/proxied_pair.h"

namespace kilonova::proxy {

struct Route {
  std::string listen;  // where the others are told that the daemon is: "unix:/path" or "host:port"
  std::string target;  // where it is
};

class FaultProxy {
 public:
  // `queues` is what the loop waits in.
  FaultProxy(Loop& loop, ManyQueues& queues, uint64_t seed);
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;
  ~FaultProxy();

  // Errors name the address. Once, before the loop runs.
  Expected<> start(const std::vector<Route>& routes);
  void stop();
  // From now on.
  void set_rules(FaultRules rules) { rules_ = std::move(rules); }
  // By direction: "compute-0>controller-0".
  const std::map<std::string, Counts>& counts() const { return counts_; }

 private:
  class Connection;
  class Door;
  using PairKey = std::tuple<PeerId, Incarnation, PeerId, Incarnation>;

  ProxiedPair& open_pair(const PairKey& key);
  void attach(const PairKey& key, Connection* connection);
  void detach(const PairKey& key, Connection* connection);
  void moved(const PairKey& key);

  Loop& loop_;
  ManyQueues& queues_;
  uint64_t seed_;
  FaultRules rules_;
  std::map<std::string, Counts> counts_;
  std::map<PairKey, std::unique_ptr<ProxiedPair>> pairs_;
  std::map<PairKey, Connection*> attached_;  // the newest connection of each pair
  std::vector<std::unique_ptr<Door>> doors_;
};

}  // namespace kilonova::proxy
