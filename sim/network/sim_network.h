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
#include <string>
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
  uint64_t frames_lost = 0;  // by chance
  uint64_t frames_cut = 0;   // by a cut
  uint64_t frames_repeated = 0;
  uint64_t frames_reordered = 0;
  uint64_t messages_lost = 0;
  uint64_t messages_repeated = 0;
  uint64_t connections_broken = 0;  // for whatever reason
  uint64_t broken_by_chance = 0;
};

// True when daemons of these roles keep a connection: everybody with the controller, compute with scheduler and network.
bool are_connected(Role a, Role b);

// Sees what becomes of messages. Calls come in the middle of things: it may look, and change nothing of the network.
class NetworkObserver {
 public:
  virtual ~NetworkObserver() = default;
  // It is in the sender's queue, for a living receiver.
  virtual void sent(PeerId from, PeerId to, const Message& message) = 0;
  // The receiver's handler is about to get it; handled() follows when the handler is back from it.
  virtual void arrives(PeerId from, PeerId to, const Message& message) = 0;
  virtual void handled() = 0;
  // A fault has touched this message: lost it, repeated it, or held it up. nullptr: a frame without messages.
  // "message lost", "message repeated", "frame lost", "frame repeated", "frame reordered", "connection broken", "cut",
  // "clog", "narrow", "disconnect", and "slow" for a receiver that set_service_time() made so.
  virtual void struck(std::string_view fault, PeerId from, PeerId to, const Message* message) = 0;
};

class SimNetwork {
 public:
  // Sees every message that is about to be delivered; may change it (through the converters and back).
  using Codec = std::function<Message(Message)>;

  // Sees every message when it is sent; false loses it.
  using Tap = std::function<bool(PeerId from, PeerId to, const Message& message)>;

  // Of the seed each direction between two nodes gets a stream of randomness for each purpose.
  SimNetwork(VirtualLoop& world, uint64_t seed) : world_(world), seed_(seed) {}

  void set_faults(const NetworkFaults& faults) { faults_ = faults; }
  const NetworkFaults& faults() const { return faults_; }
  void set_codec(Codec codec) { codec_ = std::move(codec); }
  void set_tap(Tap tap) { tap_ = std::move(tap); }
  // Told of each process that an EndProcess has reached; from its own callbacks.
  void set_ended(std::function<void(PeerId)> ended) { ended_ = std::move(ended); }
  // Outlives the network. nullptr: nobody looks.
  void set_observer(NetworkObserver* observer) { observer_ = observer; }
  // Hands the message over now, past queues, numbers and faults: what a hostile process says. From outside all handlers. False
  // when the two are not connected.
  bool say_at_once(SimTransport& from, PeerId to, Message message);
  // Breaks the connection now; it comes back by itself after so long. False when there was none.
  bool disconnect(PeerId a, PeerId b, Duration away = milliseconds(20));
  // From now on frames from `from` to `to` vanish; after keepalive_timeout both ends notice.
  void cut(PeerId from, PeerId to);
  void heal(PeerId from, PeerId to);
  void heal_all();
  // For so long frames between the two wait, in their order; both ways.
  void clog(PeerId a, PeerId b, Duration duration);
  // For so long a frame between the two takes its size over a rate of 1 kB/s; both ways. What does not fit on the wire waits
  // with its sender.
  void narrow(PeerId a, PeerId b, Duration duration);
  // The node is busy for so long with each message; what comes meanwhile waits. Zero: as the faults say for all.
  void set_service_time(PeerId node, Duration each);
  const NetworkCounters& counters() const { return counters_; }

 private:
  friend class SimTransport;

  using Pair = std::pair<PeerId, PeerId>;  // ascending

  // A fault of one kind draws from its own stream, so that leaving out another does not move it.
  struct Dice {
    Dice(uint64_t seed, const std::string& link);
    Random latency, lose_frame, repeat_frame, reorder_frame, break_connection, lose_message, repeat_message;
  };
  struct Direction {
    Instant last_delivery;  // frames do not overtake each other by themselves
    Dice dice;
    bool is_full = false;  // what is sent waits until it is not
  };
  struct Connection {
    Connection(uint64_t seed, const Pair& pair);
    Direction& to(PeerId from, PeerId to) { return directions[from < to ? 0 : 1]; }

    SimTransport*& end(PeerId of, PeerId other) { return ends[of < other ? 0 : 1]; }

    uint64_t generation = 0;
    bool up = false;
    SimTransport* ends[2] = {};      // the processes that it connects, or did
    bool asks_again = false;         // after it was refused
    size_t turn = 0;                 // of the processes of one identity that want it
    uint64_t broken_generation = 0;  // the last that broke,
    std::string_view broken_by;      // by this fault; "" when a node died or it broke by itself
    Direction directions[2];
    Instant clogged_until;
    Instant narrow_until;
  };
  // How a node works off what it gets.
  struct Service {
    Duration each;
    Instant busy_until;
  };

  static Pair pair_of(PeerId a, PeerId b) { return a < b ? Pair{a, b} : Pair{b, a}; }
  // The process lives, and looks for its peers.
  void attach(SimTransport& transport);
  // The process is dead, or frozen.
  void detach(SimTransport& transport, bool dead);
  void connect_later(Pair pair, Duration delay);
  // What the controller's hello says to those whom it does not let in.
  void tell_replaced(const Pair& pair);
  // Nobody of the one lets in anybody of the other: the dialer asks again, if they are there.
  void ask_again(const Pair& pair);
  // Two that are about to be connected, and one has forgotten the other. True: the one that dials ends, to begin anew.
  bool one_begins_anew(SimTransport& one, SimTransport& other);
  void connect(Pair pair);
  Connection& connection(Pair pair);
  bool break_connection(Pair pair, Duration reconnect_after, std::string_view fault = "");
  // Two processes that let each other in.
  std::pair<SimTransport*, SimTransport*> find_ends(const Pair& pair, size_t turn) const;
  void join(SimTransport& one, SimTransport& other);
  // As the directory says to all who are connected with the controller whom it has replaced.
  void spread(SimTransport& controller);
  void carry(SimTransport& sender, PeerId to);
  void carry_later(const Pair& pair, PeerId from, PeerId to, Instant when);
  bool offer(PeerId from, PeerId to, const Message& message, bool& repeat);
  void sent(PeerId from, PeerId to, Incarnation addressed, const Message& message);
  void strike(std::string_view fault, PeerId from, PeerId to, const std::vector<Message>& messages);
  void notice_loss(Pair pair, uint64_t generation, std::string_view fault);
  void deliver(PeerId from, PeerId to, uint64_t generation, std::vector<Message> messages, uint64_t first_number,
               uint64_t ack);
  void hand_over(PeerId from, PeerId to, uint64_t generation, std::vector<Message> messages, uint64_t first_number,
                 uint64_t ack);
  void hand_over_one(SimTransport& receiver, Peer from, Message message);
  // Until it has worked off what it had and these messages.
  Duration time_to_serve(PeerId node, size_t messages);
  Duration latency(Random& random) const;

  VirtualLoop& world_;
  uint64_t seed_;
  NetworkFaults faults_;
  NetworkCounters counters_;
  Codec codec_;
  Tap tap_;
  std::function<void(PeerId)> ended_;
  NetworkObserver* observer_ = nullptr;
  std::map<PeerId, std::vector<SimTransport*>> nodes_;  // processes of an identity, the newest last; never none
  std::map<Pair, Connection> connections_;
  std::set<std::pair<PeerId, PeerId>> cuts_;
  std::map<PeerId, Service> services_;
  uint64_t next_generation_ = 1;
};

}  // namespace kilonova::sim
