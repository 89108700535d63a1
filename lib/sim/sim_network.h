// The simulated network: connections between the nodes of one virtual world, and what may happen to them. Frames take time,
// get lost, repeated or overtake each other; connections break and come back; directions are cut. One thread.
//
// It keeps the promises of ports/transport.h with the same Link as the gRPC node, so a lost frame shows as a gap, breaks
// the connection, and is sent again on the next. `lose_message` breaks the promise on purpose: the protocol between the
// daemons must survive that too.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "domain/messages.h"
#include "ports/transport.h"
#include "runtime/virtual_loop.h"

namespace kilonova::sim {

class SimTransport;

struct NetworkFaults {
  Duration latency_min = microseconds(50);
  Duration latency_max = microseconds(200);
  double lose_frame = 0;        // probability for each frame
  double repeat_frame = 0;      // it arrives a second time, later
  double reorder_frame = 0;     // it is held back and others overtake it
  double lose_message = 0;      // for each message, before it is numbered: never arrives
  double repeat_message = 0;    // for each message: sent twice
  double break_connection = 0;  // with each frame
  Duration service_time;        // that every node is busy with each message it gets
};

struct NetworkCounters {
  uint64_t frames = 0;
  uint64_t messages = 0;
  uint64_t frames_lost = 0;
  uint64_t frames_repeated = 0;
  uint64_t frames_reordered = 0;
  uint64_t messages_lost = 0;
  uint64_t messages_repeated = 0;
  uint64_t connections_broken = 0;
};

// True when daemons of these roles keep a connection: everybody with the controller, compute with scheduler and network.
bool are_connected(Role a, Role b);

class SimNetwork {
 public:
  // Sees every message that is about to be delivered; may change it (through the converters and back).
  using Codec = std::function<Message(Message)>;

  // Sees every message when it is sent; false loses it.
  using Tap = std::function<bool(PeerId from, PeerId to, const Message& message)>;
  // Told which message was lost or repeated by chance.
  using Struck = std::function<void(std::string_view fault, PeerId from, PeerId to, const Message& message)>;

  SimNetwork(VirtualLoop& world, Random random) : world_(world), random_(random) {}

  void set_faults(const NetworkFaults& faults) { faults_ = faults; }
  const NetworkFaults& faults() const { return faults_; }
  void set_codec(Codec codec) { codec_ = std::move(codec); }
  void set_tap(Tap tap) { tap_ = std::move(tap); }
  void on_struck(Struck struck) { struck_ = std::move(struck); }
  // Breaks the connection now; it comes back by itself.
  void disconnect(PeerId a, PeerId b);
  // From now on frames from `from` to `to` vanish; after keepalive_timeout both ends notice.
  void cut(PeerId from, PeerId to);
  void heal(PeerId from, PeerId to);
  void heal_all();
  // For so long frames between the two wait, in their order; both ways.
  void clog(PeerId a, PeerId b, Duration duration);
  // The node is busy for so long with each message; what comes meanwhile waits. Zero: as the faults say for all.
  void set_service_time(PeerId node, Duration each);
  const NetworkCounters& counters() const { return counters_; }

 private:
  friend class SimTransport;

  struct Connection {
    uint64_t generation = 0;
    bool up = false;
    Instant last_delivery[2];  // by direction, so that frames do not overtake each other by themselves
    Instant clogged_until;
  };
  // How a node works off what it gets.
  struct Service {
    Duration each;
    Instant busy_until;
  };
  using Pair = std::pair<PeerId, PeerId>;  // ascending

  static Pair pair_of(PeerId a, PeerId b) { return a < b ? Pair{a, b} : Pair{b, a}; }
  void attach(SimTransport& transport);
  void detach(SimTransport& transport);
  void connect_later(Pair pair, Duration delay);
  void connect(Pair pair);
  void break_connection(Pair pair, Duration reconnect_after);
  void carry(PeerId from, PeerId to);
  bool offer(PeerId from, PeerId to, const Message& message, bool& repeat);
  void notice_loss(Pair pair, uint64_t generation);
  void deliver(PeerId from, PeerId to, uint64_t generation, std::vector<Message> messages, uint64_t first_number,
               uint64_t ack);
  void hand_over(PeerId from, PeerId to, uint64_t generation, std::vector<Message> messages, uint64_t first_number,
                 uint64_t ack);
  // Until it has worked off what it had and these messages.
  Duration time_to_serve(PeerId node, size_t messages);
  Duration latency();
  SimTransport* find(PeerId id);

  VirtualLoop& world_;
  Random random_;
  NetworkFaults faults_;
  NetworkCounters counters_;
  Codec codec_;
  Tap tap_;
  Struck struck_;
  std::map<PeerId, SimTransport*> nodes_;
  std::map<Pair, Connection> connections_;
  std::set<std::pair<PeerId, PeerId>> cuts_;
  std::map<PeerId, Service> services_;
  uint64_t next_generation_ = 1;
};

}  // namespace kilonova::sim
