// What the five mains have in common: the order in which a daemon comes up and goes down. A main() declares its options
// and a factory; the rest is here.
//
//   up:    signals, directories, loop, log, node, the daemon itself (factory, start()), listen, metrics, "ready"
//   down:  stop(), node, the daemon, log, loop
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "daemon/options.h"
#include "ports/log.h"
#include "ports/transport.h"
#include "rpc/node/grpc_node.h"
#include "runtime/real_loop.h"
#include "runtime/task.h"

namespace kilonova {

class MetricPage;

// What a daemon is made of; all of it outlives the daemon.
struct DaemonContext {
  const DaemonOptions& options;
  RealLoop& loop;
  Log& log;
  GrpcNode& node;  // the Transport; services and addresses can be added until start() has returned
  uint64_t seed;   // of this process: from the system, so never the same again
  // For the loop's thread, while it runs: ready() may have become true without a message; this daemon cannot go on, and
  // ends like one that could not start.
  std::function<void()> check_ready;
  std::function<void(Error)> give_up;
  // Likewise: what a scrape shows now, MetricPage::text().
  std::function<std::string()> metrics;

  // A generator of its own for each purpose.
  Random random(std::string_view purpose) const { return Random(seed, options.name(), purpose); }
};

// A core with what belongs to it: store, fronts, journal.
class Daemon {
 public:
  virtual ~Daemon() = default;
  // Who gets the peers' messages; the same at every call.
  virtual PeerHandler& handler() = 0;
  // The loop's first flow, before anything listens: loads what is stored and commits what has to be there; may block.
  // An error ends the daemon, with one line on standard error. A signal to stop ends the flow where it waits.
  virtual Task<Expected<>> start() { co_return Expected<>(); }
  // Asked after every message and change of a connection, and by DaemonContext::check_ready: can others use this daemon
  // now? The health service says so. (That it listens and, but for a controller, has heard the controller once is asked
  // for anyway.)
  virtual bool ready() const { return true; }
  // What this daemon alone has to show: adds it to the page. At a scrape, on the loop's thread, which waits meanwhile:
  // nothing that grows with the servers or their history is walked.
  virtual void add_metrics(MetricPage&) {}
  // When the loop has ended: end the calls that fronts still hold, so that their server can stop.
  virtual void stop() {}
};

using DaemonFactory = std::function<Expected<std::unique_ptr<Daemon>>(DaemonContext&)>;

// Runs until SIGINT or SIGTERM. 0 after an orderly end; 1 when it could not start or go on, or the controller has
// said that a newer process replaced this one, with one line on standard error.
int run_daemon(const DaemonOptions& options, const DaemonFactory& factory);

}  // namespace kilonova
