// TransportWorld: processes joined by the transport under test. One subclass for each transport; the suite in
// transport_contract.cc knows nothing else.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "ports/transport.h"

namespace kilonova::testing {

struct PeerEvent {
  enum Kind { kUp, kDown, kMessage };
  Kind kind;
  Peer peer;
  Message message;  // of kMessage
};

// What a process was told, in order. Written on its loop, read by the test: every access holds the world's mutex.
class Recorder final : public PeerHandler {
 public:
  Recorder(std::recursive_mutex& mutex, std::function<void()> changed) : mutex_(mutex), changed_(std::move(changed)) {}

  void on_peer_up(const Peer& peer) override { record({PeerEvent::kUp, peer, {}}); }
  void on_peer_down(const Peer& peer) override { record({PeerEvent::kDown, peer, {}}); }
  void on_message(const Peer& from, Message message) override {
    if (answer) answer(from, message);
    record({PeerEvent::kMessage, from, std::move(message)});
  }

  // What the process does with a message, on its loop. Set before any can arrive.
  std::function<void(const Peer&, const Message&)> answer;

  std::vector<PeerEvent> events() const {
    std::lock_guard lock(mutex_);
    return events_;
  }
  size_t count(PeerEvent::Kind kind, PeerId peer) const {
    std::lock_guard lock(mutex_);
    size_t found = 0;
    for (const PeerEvent& event : events_) found += event.kind == kind && event.peer.id == peer;
    return found;
  }
  bool is_up(Peer peer) const {
    std::lock_guard lock(mutex_);
    for (auto event = events_.rbegin(); event != events_.rend(); ++event) {
      if (event->kind != PeerEvent::kMessage && event->peer.id == peer.id) {
        return event->kind == PeerEvent::kUp && event->peer == peer;
      }
    }
    return false;
  }
  // `call` of the messages from a peer, in order.
  std::vector<uint64_t> calls(PeerId from) const {
    std::lock_guard lock(mutex_);
    std::vector<uint64_t> found;
    for (const PeerEvent& event : events_) {
      if (event.kind == PeerEvent::kMessage && event.peer.id == from) found.push_back(event.message.call);
    }
    return found;
  }

 private:
  void record(PeerEvent event) {
    std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_();
  }

  std::recursive_mutex& mutex_;
  std::function<void()> changed_;
  std::vector<PeerEvent> events_;
};

class TransportWorld {
 public:
  virtual ~TransportWorld() = default;

  // A process starts; the transport connects it to whom it must (ports/transport.h, rpc/node/grpc_node.h).
  virtual void start(PeerId id, Incarnation incarnation, size_t queue_limit = 1 << 16) = 0;
  // It dies; its memory is gone.
  virtual void kill(PeerId id) = 0;
  // The connection of two processes breaks now; it comes back by itself.
  virtual void cut(PeerId a, PeerId b) = 0;
  // Runs on the process's loop, and waits for it.
  virtual void on(PeerId id, std::function<void(Transport&)> action) = 0;
  // Until it holds; false when it does not within 30 s of the world's time. Evaluated with the recorders' mutex held.
  virtual bool run_until(std::function<bool()> condition) = 0;
  // Of the process's last start.
  virtual Recorder& recorder(PeerId id) = 0;
};

// A kind of world. The name becomes the test's.
struct WorldKind {
  std::string name;
  std::function<std::unique_ptr<TransportWorld>()> make;
};

}  // namespace kilonova::testing
