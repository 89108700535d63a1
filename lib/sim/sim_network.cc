#include "sim/sim_network.h"

#include <algorithm>

#include "sim/sim_transport.h"

namespace kilonova::sim {
namespace {

constexpr size_t kMessagesPerFrame = 4'096;
constexpr Duration kKeepaliveTimeout = seconds(20);
// A stream that loses bytes and cannot get them again breaks; also when nothing follows that would show the gap.
constexpr Duration kLossNoticed = milliseconds(200);
constexpr Duration kReconnectDelay = milliseconds(20);

}  // namespace

bool are_connected(Role a, Role b) {
  if (a == Role::kController || b == Role::kController) return a != b;
  if (a == Role::kCompute) return b == Role::kScheduler || b == Role::kNetwork;
  return b == Role::kCompute && (a == Role::kScheduler || a == Role::kNetwork);
}

SimTransport* SimNetwork::find(PeerId id) {
  auto it = nodes_.find(id);
  return it == nodes_.end() ? nullptr : it->second;
}

Duration SimNetwork::latency() {
  int64_t range = faults_.latency_max.us - faults_.latency_min.us;
  return faults_.latency_min + microseconds(range > 0 ? static_cast<int64_t>(random_.below(range + 1)) : 0);
}

void SimNetwork::attach(SimTransport& transport) {
  nodes_[transport.self()] = &transport;
  for (const auto& [id, other] : nodes_)
    if (are_connected(id.role, transport.self().role)) connect_later(pair_of(id, transport.self()), latency());
}

void SimNetwork::detach(SimTransport& transport) {
  nodes_.erase(transport.self());
  for (auto& [pair, connection] : connections_)
    if (pair.first == transport.self() || pair.second == transport.self()) break_connection(pair, Duration{});
}

void SimNetwork::connect_later(Pair pair, Duration delay) {
  world_.call_after(delay, [this, pair] { connect(pair); });
}

void SimNetwork::connect(Pair pair) {
  Connection& connection = connections_[pair];
  SimTransport* a = find(pair.first);
  SimTransport* b = find(pair.second);
  if (connection.up || a == nullptr || b == nullptr) return;
  if (cuts_.contains({pair.first, pair.second}) || cuts_.contains({pair.second, pair.first})) return;
  connection.up = true;
  connection.generation = next_generation_++;
  connection.last_delivery[0] = connection.last_delivery[1] = world_.now();
  Link& link_a = a->remote(pair.second).link;
  Link& link_b = b->remote(pair.first).link;
  bool known_a = link_a.peer() == b->incarnation();
  bool known_b = link_b.peer() == a->incarnation();
  if (!known_a) link_a.reset(b->incarnation());
  if (!known_b) link_b.reset(a->incarnation());
  link_a.resume(link_b.receiver().applied());
  link_b.resume(link_a.receiver().applied());
  a->loop_.post([a, peer = Peer{pair.second, b->incarnation()}] { a->peer_up(peer); });
  b->loop_.post([b, peer = Peer{pair.first, a->incarnation()}] { b->peer_up(peer); });
}

void SimNetwork::break_connection(Pair pair, Duration reconnect_after) {
  Connection& connection = connections_[pair];
  if (!connection.up) return;
  connection.up = false;
  connection.generation = 0;
  counters_.connections_broken += 1;
  for (auto [self, other] : {pair, Pair{pair.second, pair.first}})
    if (SimTransport* node = find(self)) node->loop_.post([node, other = other] { node->peer_down(other); });
  if (reconnect_after.us > 0) connect_later(pair, reconnect_after);
}

void SimNetwork::carry(PeerId from, PeerId to) {
  SimTransport* sender = find(from);
  Pair pair = pair_of(from, to);
  Connection& connection = connections_[pair];
  if (sender == nullptr || !connection.up) return;
  bool cut = cuts_.contains({from, to});
  while (auto frame = sender->remote(to).link.next_frame(kMessagesPerFrame)) {
    counters_.frames += 1;
    counters_.messages += frame->messages.size();
    if (random_.chance(faults_.break_connection)) {
      break_connection(pair, kReconnectDelay);
      return;
    }
    if (cut || random_.chance(faults_.lose_frame)) {
      counters_.frames_lost += 1;
      if (!cut) notice_loss(pair, connection.generation);
      continue;
    }
    Instant& last = connection.last_delivery[from < to ? 0 : 1];
    Instant arrives = std::max({last, world_.now() + latency(), connection.clogged_until});
    if (random_.chance(faults_.reorder_frame)) {
      counters_.frames_reordered += 1;
      arrives = arrives + latency() * 10;
    } else {
      last = arrives;
    }
    uint64_t generation = connection.generation;
    if (random_.chance(faults_.repeat_frame)) {
      counters_.frames_repeated += 1;
      world_.call_at(arrives + latency(), [this, from, to, generation, f = *frame] {
        deliver(from, to, generation, f.messages, f.first_number, f.ack);
      });
    }
    world_.call_at(arrives, [this, from, to, generation, f = std::move(*frame)]() mutable {
      deliver(from, to, generation, std::move(f.messages), f.first_number, f.ack);
    });
  }
}

void SimNetwork::notice_loss(Pair pair, uint64_t generation) {
  world_.call_after(kLossNoticed, [this, pair, generation] {
    if (connections_[pair].generation == generation) break_connection(pair, kReconnectDelay);
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
  world_.call_after(wait, [this, from, to, generation, batch = std::move(messages), first_number, ack]() mutable {
    hand_over(from, to, generation, std::move(batch), first_number, ack);
  });
}

void SimNetwork::hand_over(PeerId from, PeerId to, uint64_t generation, std::vector<Message> messages,
                           uint64_t first_number, uint64_t ack) {
  Pair pair = pair_of(from, to);
  SimTransport* receiver = find(to);
  if (receiver == nullptr || connections_[pair].generation != generation) return;
  // On the receiver's own loop, where its handler lives.
  receiver->loop_.post(
      [this, receiver, pair, from, generation, batch = std::move(messages), first_number, ack]() mutable {
        SimTransport::Remote& remote = receiver->remote(from);
        if (connections_[pair].generation != generation) return;
        Peer peer{from, remote.link.peer()};
        Link::Receipt receipt = remote.link.receive(first_number, ack, batch, [&](Message message) {
          receiver->handler_->on_message(peer, codec_ ? codec_(std::move(message)) : std::move(message));
          return true;
        });
        if (receipt == Link::Receipt::kGap || receipt == Link::Receipt::kBadAck) {
          break_connection(pair, kReconnectDelay);
        } else if (remote.link.receiver().unacknowledged() > 0) {
          receiver->mark_dirty(from, remote);
        }
      });
}

bool SimNetwork::offer(PeerId from, PeerId to, const Message& message, bool& repeat) {
  if (tap_ && !tap_(from, to, message)) return false;
  if (random_.chance(faults_.lose_message)) {
    counters_.messages_lost += 1;
    if (struck_) struck_("message lost", from, to, message);
    return false;
  }
  repeat = random_.chance(faults_.repeat_message);
  if (repeat) {
    counters_.messages_repeated += 1;
    if (struck_) struck_("message repeated", from, to, message);
  }
  return true;
}

void SimNetwork::disconnect(PeerId a, PeerId b) { break_connection(pair_of(a, b), kReconnectDelay); }

void SimNetwork::cut(PeerId from, PeerId to) {
  cuts_.insert({from, to});
  world_.call_after(kKeepaliveTimeout, [this, from, to] {
    if (cuts_.contains({from, to})) break_connection(pair_of(from, to), Duration{});
  });
}

// What was lost while it was cut is sent again on a new connection only.
void SimNetwork::heal(PeerId from, PeerId to) {
  if (cuts_.erase({from, to}) == 0) return;
  Pair pair = pair_of(from, to);
  break_connection(pair, Duration{});
  connect_later(pair, kReconnectDelay);
}

void SimNetwork::clog(PeerId a, PeerId b, Duration duration) {
  Instant& until = connections_[pair_of(a, b)].clogged_until;
  until = std::max(until, world_.now() + duration);
}

void SimNetwork::set_service_time(PeerId node, Duration each) { services_[node].each = each; }

void SimNetwork::heal_all() {
  auto cuts = cuts_;
  for (const auto& [from, to] : cuts) heal(from, to);
}

}  // namespace kilonova::sim
