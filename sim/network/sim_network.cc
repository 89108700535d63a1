#include "sim/network/sim_network.h"

#include <algorithm>
#include <utility>

#include "sim/network/sim_transport.h"

namespace kilonova::sim {
namespace {

constexpr size_t kMessagesPerFrame = 4'096;
constexpr Duration kKeepaliveTimeout = seconds(20);
// A stream that loses bytes and cannot get them again breaks; also when nothing follows that would show the gap.
constexpr Duration kLossNoticed = milliseconds(200);
constexpr Duration kReconnectDelay = milliseconds(20);
constexpr Duration kRefusedDelay = seconds(1);
constexpr int64_t kNarrowBytesPerSecond = 1'000;
constexpr size_t kMessagesPerNarrowFrame = 16;
constexpr Duration kNarrowWire = seconds(2);  // holds so much

// About as on the wire: what has parts takes more.
struct SizeOf {
  template <class Body>
  int64_t operator()(const Body& body) const {
    size_t parts = 0;
    if constexpr (requires { body.placements; }) parts += body.placements.size();
    if constexpr (requires { body.requests; }) parts += body.requests.size() * 4;
    if constexpr (requires { body.held; }) parts += body.held.size();
    if constexpr (requires { body.guests; }) parts += body.guests.size() * 2;
    if constexpr (requires { body.unfinished; }) parts += body.unfinished.size();
    if constexpr (requires { body.hosts; }) parts += body.hosts.size() * 2;
    if constexpr (requires { body.steps; }) parts += body.steps.size();
    if constexpr (requires { body.events; }) parts += body.events.size() * 4;
    return static_cast<int64_t>(80 + 30 * parts);
  }
};

Duration time_on_narrow_wire(const std::vector<Message>& messages) {
  int64_t bytes = 20;
  for (const Message& message : messages) bytes += visit(SizeOf{}, message.body);
  return microseconds(bytes * 1'000'000 / kNarrowBytesPerSecond);
}

}  // namespace

bool are_connected(Role a, Role b) {
  if (a == Role::kController || b == Role::kController) return a != b;
  if (a == Role::kCompute) return b == Role::kScheduler || b == Role::kNetwork;
  return b == Role::kCompute && (a == Role::kScheduler || a == Role::kNetwork);
}

SimNetwork::Dice::Dice(uint64_t seed, const std::string& link)
    : latency(seed, link, "latency"),
      lose_frame(seed, link, "lose_frame"),
      repeat_frame(seed, link, "repeat_frame"),
      reorder_frame(seed, link, "reorder_frame"),
      break_connection(seed, link, "break_connection"),
      lose_message(seed, link, "lose_message"),
      repeat_message(seed, link, "repeat_message") {}

SimNetwork::Connection::Connection(uint64_t seed, const Pair& pair)
    : directions{{{}, Dice(seed, to_string(pair.first) + ">" + to_string(pair.second))},
                 {{}, Dice(seed, to_string(pair.second) + ">" + to_string(pair.first))}} {}

SimNetwork::Connection& SimNetwork::connection(Pair pair) {
  return connections_.try_emplace(pair, seed_, pair).first->second;
}

Duration SimNetwork::latency(Random& random) const {
  int64_t range = faults_.latency_max.us - faults_.latency_min.us;
  return faults_.latency_min + microseconds(range > 0 ? static_cast<int64_t>(random.below(range + 1)) : 0);
}

void SimNetwork::attach(SimTransport& transport) {
  nodes_[transport.self()].push_back(&transport);
  for (const auto& [id, processes] : nodes_) {
    if (!are_connected(id.role, transport.self().role)) continue;
    Pair pair = pair_of(id, transport.self());
    connect_later(pair, latency(connection(pair).to(transport.self(), id).dice.latency));
  }
}

void SimNetwork::detach(SimTransport& transport, bool dead) {
  const PeerId self = transport.self();
  bool others = false;
  if (auto found = nodes_.find(self); found != nodes_.end()) {
    std::erase(found->second, &transport);
    others = !found->second.empty();
    if (!others) nodes_.erase(found);
  }
  for (auto& [pair, connection] : connections_) {
    if (pair.first != self && pair.second != self) continue;
    SimTransport*& end = connection.ends[pair.first == self ? 0 : 1];
    if (end != &transport) continue;
    if (dead) end = nullptr;
    break_connection(pair, others ? kReconnectDelay : Duration{});
  }
}

void SimNetwork::connect_later(Pair pair, Duration delay) {
  world_.call_after(delay, [this, pair] { connect(pair); });
}

void SimNetwork::connect(Pair pair) {
  if (cuts_.contains({pair.first, pair.second}) || cuts_.contains({pair.second, pair.first})) return;
  tell_replaced(pair);
  Connection& connection = this->connection(pair);
  if (connection.up) return;
  auto [a, b] = find_ends(pair, connection.turn++);
  if (a == nullptr) return ask_again(pair);
  if (one_begins_anew(*a, *b)) return ask_again(pair);
  connection.up = true;
  connection.generation = next_generation_++;
  connection.ends[0] = a;
  connection.ends[1] = b;
  for (Direction& direction : connection.directions) direction.last_delivery = world_.now();
  join(*a, *b);
  a->loop_.post([a, peer = Peer{pair.second, b->incarnation()}] { a->peer_up(peer); });
  b->loop_.post([b, peer = Peer{pair.first, a->incarnation()}] { b->peer_up(peer); });
}

void SimNetwork::tell_replaced(const Pair& pair) {
  auto controllers = nodes_.find(pair.first),
       dialers = nodes_.find(pair.second);  // the controller's role is the lowest
  if (pair.first.role != Role::kController || controllers == nodes_.end() || dialers == nodes_.end()) return;
  for (SimTransport* controller : controllers->second)
    for (SimTransport* dialer : dialers->second)
      if (!controller->lets_in(*dialer) && dialer->on_replaced_)
        dialer->loop_.post([dialer] { dialer->on_replaced_(); });
}

void SimNetwork::ask_again(const Pair& pair) {
  if (!nodes_.contains(pair.first) || !nodes_.contains(pair.second)) return;
  if (std::exchange(connection(pair).asks_again, true)) return;
  world_.call_after(kRefusedDelay, [this, pair] {
    connection(pair).asks_again = false;
    connect(pair);
  });
}

bool SimNetwork::one_begins_anew(SimTransport& one, SimTransport& other) {
  const bool one_dials = other.self().role == Role::kController || one.self().role == Role::kCompute;
  SimTransport& dialer = one_dials ? one : other;
  SimTransport& server = one_dials ? other : one;
  if (dialer.has_heard(server) && server.has_forgotten(dialer)) {
    if (dialer.on_replaced_) dialer.loop_.post([&dialer] { dialer.on_replaced_(); });
    return true;
  }
  if (server.has_heard(dialer) && dialer.has_forgotten(server))
    server.remote(dialer.self()).link.reset(dialer.incarnation());
  return false;
}

std::pair<SimTransport*, SimTransport*> SimNetwork::find_ends(const Pair& pair, size_t turn) const {
  auto first = nodes_.find(pair.first), second = nodes_.find(pair.second);
  if (first == nodes_.end() || second == nodes_.end()) return {};
  const std::vector<SimTransport*>&as = first->second, &bs = second->second;
  for (size_t i = 0; i < as.size() * bs.size(); ++i) {
    SimTransport* a = as[(i + turn) % as.size()];
    SimTransport* b = bs[(i / as.size() + turn) % bs.size()];
    if (a->lets_in(*b) && b->lets_in(*a)) return {a, b};
  }
  return {};
}

void SimNetwork::join(SimTransport& one, SimTransport& other) {
  one.admit(other);
  other.admit(one);
  Link& link_one = one.remote(other.self()).link;
  Link& link_other = other.remote(one.self()).link;
  link_one.resume(link_other.receiver().applied());
  link_other.resume(link_one.receiver().applied());
  if (one.self().role == Role::kController) spread(one);
  if (other.self().role == Role::kController) spread(other);
}

void SimNetwork::spread(SimTransport& controller) {
  for (auto& [pair, connection] : connections_) {
    if (!connection.up || (pair.first != controller.self() && pair.second != controller.self())) continue;
    connection.ends[pair.first == controller.self() ? 1 : 0]->learn_from(controller);
  }
}

bool SimNetwork::break_connection(Pair pair, Duration reconnect_after, std::string_view fault) {
  Connection& connection = this->connection(pair);
  if (!connection.up) return false;
  connection.up = false;
  connection.broken_generation = std::exchange(connection.generation, 0);
  connection.broken_by = fault;
  counters_.connections_broken += 1;
  for (auto [self, other] : {pair, Pair{pair.second, pair.first}})
    if (SimTransport* node = connection.end(self, other))
      node->loop_.post([node, other = other] { node->peer_down(other); });
  if (reconnect_after.us > 0) connect_later(pair, reconnect_after);
  return true;
}

void SimNetwork::strike(std::string_view fault, PeerId from, PeerId to, const std::vector<Message>& messages) {
  if (observer_ == nullptr || fault.empty()) return;
  for (const Message& message : messages) observer_->struck(fault, from, to, &message);
  if (messages.empty()) observer_->struck(fault, from, to, nullptr);
}

void SimNetwork::carry(SimTransport& sender, PeerId to) {
  const PeerId from = sender.self();
  Pair pair = pair_of(from, to);
  Connection& connection = this->connection(pair);
  if (!connection.up || connection.end(from, to) != &sender) return;
  Direction& direction = connection.to(from, to);
  Dice& dice = direction.dice;
  bool cut = cuts_.contains({from, to});
  const bool narrow = connection.narrow_until > world_.now();
  for (;;) {
    if (narrow && direction.last_delivery > world_.now() + kNarrowWire)
      return carry_later(pair, from, to, direction.last_delivery - kNarrowWire);
    auto frame = sender.remote(to).link.next_frame(narrow ? kMessagesPerNarrowFrame : kMessagesPerFrame);
    if (!frame) return;
    counters_.frames += 1;
    counters_.messages += frame->messages.size();
    if (dice.break_connection.chance(faults_.break_connection)) {
      counters_.broken_by_chance += 1;
      strike("connection broken", from, to, frame->messages);
      break_connection(pair, kReconnectDelay, "connection broken");
      return;
    }
    bool lost = dice.lose_frame.chance(faults_.lose_frame);
    if (cut || lost) {
      (cut ? counters_.frames_cut : counters_.frames_lost) += 1;
      strike(cut ? "cut" : "frame lost", from, to, frame->messages);
      if (!cut) notice_loss(pair, connection.generation, "frame lost");
      continue;
    }
    Instant arrives = std::max(direction.last_delivery, world_.now() + latency(dice.latency));
    if (connection.clogged_until > world_.now() && connection.clogged_until >= arrives) {
      strike("clog", from, to, frame->messages);
      arrives = connection.clogged_until;
    }
    if (narrow) {
      strike("narrow", from, to, frame->messages);
      arrives =
          std::max(arrives, std::max(direction.last_delivery, world_.now()) + time_on_narrow_wire(frame->messages));
    }
    if (dice.reorder_frame.chance(faults_.reorder_frame)) {
      counters_.frames_reordered += 1;
      strike("frame reordered", from, to, frame->messages);
      arrives = arrives + latency(dice.reorder_frame) * 10;
    } else {
      direction.last_delivery = arrives;
    }
    uint64_t generation = connection.generation;
    if (dice.repeat_frame.chance(faults_.repeat_frame)) {
      counters_.frames_repeated += 1;
      strike("frame repeated", from, to, frame->messages);
      world_.call_at(arrives + latency(dice.repeat_frame), [this, from, to, generation, f = *frame] {
        deliver(from, to, generation, f.messages, f.first_number, f.ack);
      });
    }
    world_.call_at(arrives, [this, from, to, generation, f = std::move(*frame)]() mutable {
      deliver(from, to, generation, std::move(f.messages), f.first_number, f.ack);
    });
  }
}

// The wire is full until then.
void SimNetwork::carry_later(const Pair& pair, PeerId from, PeerId to, Instant when) {
  Direction& direction = connection(pair).to(from, to);
  if (std::exchange(direction.is_full, true)) return;
  world_.call_at(when, [this, pair, from, to, &direction] {
    direction.is_full = false;
    Connection& now = connection(pair);
    if (now.up) carry(*now.end(from, to), to);
  });
}

void SimNetwork::notice_loss(Pair pair, uint64_t generation, std::string_view fault) {
  world_.call_after(kLossNoticed, [this, pair, generation, fault] {
    if (connection(pair).generation == generation) break_connection(pair, kReconnectDelay, fault);
  });
}

Duration SimNetwork::time_to_serve(PeerId node, size_t messages) {
  auto service = services_.find(node);
  bool slow = service != services_.end() && service->second.each.us > 0;
  Duration each = slow ? service->second.each : faults_.service_time;
  if (each.us == 0 && service == services_.end()) return {};
  Instant& busy_until = services_[node].busy_until;
  busy_until = std::max(busy_until, world_.now()) + each * static_cast<int64_t>(messages);
  return busy_until - world_.now();
}

void SimNetwork::deliver(PeerId from, PeerId to, uint64_t generation, std::vector<Message> messages,
                         uint64_t first_number, uint64_t ack) {
  Duration wait = time_to_serve(to, messages.size());
  if (wait.us == 0) return hand_over(from, to, generation, std::move(messages), first_number, ack);
  if (auto service = services_.find(to); service != services_.end() && service->second.each.us > 0)
    strike("slow", from, to, messages);
  world_.call_after(wait, [this, from, to, generation, batch = std::move(messages), first_number, ack]() mutable {
    hand_over(from, to, generation, std::move(batch), first_number, ack);
  });
}

void SimNetwork::hand_over(PeerId from, PeerId to, uint64_t generation, std::vector<Message> messages,
                           uint64_t first_number, uint64_t ack) {
  Pair pair = pair_of(from, to);
  Connection& now = connection(pair);
  if (now.generation != generation) {
    if (now.broken_generation == generation && nodes_.contains(to)) strike(now.broken_by, from, to, messages);
    return;
  }
  SimTransport* receiver = now.end(to, from);
  // On the receiver's own loop, where its handler lives.
  receiver->loop_.post(
      [this, receiver, pair, from, generation, batch = std::move(messages), first_number, ack]() mutable {
        SimTransport::Remote& remote = receiver->remote(from);
        if (connection(pair).generation != generation) return;
        Peer peer{from, remote.link.peer()};
        Link::Receipt receipt = remote.link.receive(first_number, ack, batch, [&](Message message) {
          hand_over_one(*receiver, peer, std::move(message));
          return true;
        });
        if (receipt == Link::Receipt::kGap || receipt == Link::Receipt::kBadAck) {
          break_connection(pair, kReconnectDelay);
        } else if (remote.link.receiver().unacknowledged() > 0) {
          receiver->mark_dirty(from, remote);
        }
      });
}

void SimNetwork::hand_over_one(SimTransport& receiver, Peer from, Message message) {
  if (codec_) message = codec_(std::move(message));
  PeerId to = receiver.self_;
  if (ended_ && from.id.role == Role::kController && holds_alternative<EndProcess>(message.body)) ended_(to);
  if (observer_ == nullptr) return receiver.handler_->on_message(from, std::move(message));
  observer_->arrives(from.id, to, message);
  receiver.handler_->on_message(from, std::move(message));
  observer_->handled();
}

bool SimNetwork::say_at_once(SimTransport& from, PeerId to, Message message) {
  auto found = connections_.find(pair_of(from.self(), to));
  if (found == connections_.end() || !found->second.up || found->second.end(from.self(), to) != &from) return false;
  SimTransport* receiver = found->second.end(to, from.self());
  if (!receiver->remote(from.self()).connected) return false;
  receiver->handler_->on_message({from.self(), from.incarnation()}, std::move(message));
  return true;
}

bool SimNetwork::offer(PeerId from, PeerId to, const Message& message, bool& repeat) {
  if (tap_ && !tap_(from, to, message)) return false;
  if (faults_.lose_message <= 0 && faults_.repeat_message <= 0) return true;
  Dice& dice = connection(pair_of(from, to)).to(from, to).dice;
  if (dice.lose_message.chance(faults_.lose_message)) {
    counters_.messages_lost += 1;
    if (observer_ != nullptr) observer_->struck("message lost", from, to, &message);
    return false;
  }
  repeat = dice.repeat_message.chance(faults_.repeat_message);
  if (repeat) {
    counters_.messages_repeated += 1;
    if (observer_ != nullptr) observer_->struck("message repeated", from, to, &message);
  }
  return true;
}

// What is sent to an incarnation that is gone vanishes with its queue.
void SimNetwork::sent(PeerId from, PeerId to, Incarnation addressed, const Message& message) {
  if (observer_ == nullptr) return;
  auto found = nodes_.find(to);
  if (found == nodes_.end() || std::ranges::none_of(found->second, [&](const SimTransport* process) {
        return process->incarnation() == addressed;
      }))
    return;
  observer_->sent(from, to, message);
  const Connection& connection = this->connection(pair_of(from, to));
  if (!connection.up && !connection.broken_by.empty()) observer_->struck(connection.broken_by, from, to, &message);
}

bool SimNetwork::disconnect(PeerId a, PeerId b, Duration away) {
  return break_connection(pair_of(a, b), away, "disconnect");
}

void SimNetwork::cut(PeerId from, PeerId to) {
  cuts_.insert({from, to});
  world_.call_after(kKeepaliveTimeout, [this, from, to] {
    if (cuts_.contains({from, to})) break_connection(pair_of(from, to), Duration{}, "cut");
  });
}

// What was lost while it was cut is sent again on a new connection only.
void SimNetwork::heal(PeerId from, PeerId to) {
  if (cuts_.erase({from, to}) == 0) return;
  Pair pair = pair_of(from, to);
  break_connection(pair, Duration{}, "cut");
  connect_later(pair, kReconnectDelay);
}

void SimNetwork::clog(PeerId a, PeerId b, Duration duration) {
  Instant& until = connection(pair_of(a, b)).clogged_until;
  until = std::max(until, world_.now() + duration);
}

void SimNetwork::narrow(PeerId a, PeerId b, Duration duration) {
  Instant& until = connection(pair_of(a, b)).narrow_until;
  until = std::max(until, world_.now() + duration);
}

void SimNetwork::set_service_time(PeerId node, Duration each) { services_[node].each = each; }

void SimNetwork::heal_all() {
  auto cuts = cuts_;
  for (const auto& [from, to] : cuts) heal(from, to);
  for (auto& [pair, connection] : connections_) connection.narrow_until = {};
}

}  // namespace kilonova::sim
