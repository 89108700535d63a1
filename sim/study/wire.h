// Wire: how the daemons of a study speak. Messages of one sender to one receiver arrive in order, each after a latency
// that the seed draws; none is lost: what a study compares is decisions, and `kilonova sim` has the faults.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/random.h"
#include "ports/transport.h"
#include "runtime/virtual_loop.h"

namespace kilonova::study {

class Wire {
 public:
  Wire(VirtualLoop& loop, Random random, Duration latency_min, Duration latency_max);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // The transport of a daemon that is not there yet. It lives as long as the wire.
  Transport& add(PeerId id);
  // Once for each daemon, before anything is sent. The handler must outlive the wire's loop.
  void open(PeerId id, PeerHandler& handler);
  // Tells every daemon of every other one.
  void connect();

  static constexpr Incarnation kIncarnation = 1;

 private:
  class End;

  void carry(PeerId from, PeerId to, Message message);

  VirtualLoop& loop_;
  Random random_;
  Duration latency_min_;
  Duration latency_max_;
  std::map<PeerId, std::unique_ptr<End>> ends_;
  std::map<std::pair<PeerId, PeerId>, Instant> last_;  // when the latest message between the two arrives
};

}  // namespace kilonova::study
