// GrpcNode: the port Transport over gRPC, and the gRPC server of a daemon. One class for all daemons: everybody dials the
// controller, whose directory tells a compute process the schedulers and the network-controller to dial as well.
// Connections that break are dialed again; what was not acknowledged is sent again (ports/transport.h has the promises).
//
// All members are for the loop's thread, the constructor and destructor included (or for any one thread while the loop is
// not run). Handler, log, loop and the queue that the loop waits in must outlive the node. A queue serves one node that
// listens.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "ports/log.h"
#include "ports/transport.h"
#include "rpc/node/cluster_secret.h"
#include "rpc/node/server_limits.h"
#include "rpc/node/tls.h"
#include "runtime/loop.h"

namespace kilonova::rpc {
class CallService;
class GrpcQueue;
}  // namespace kilonova::rpc

namespace kilonova {

struct NodeOptions {
  PeerId self;
  Incarnation incarnation = 0;
  // "unix:/path" or "host:port" (port 0: any), for other daemons. Empty: nobody dials this process.
  std::string listen;
  // What others dial; empty: `listen`.
  std::string advertise;
  // The controller's address; empty when self is the controller.
  std::string controller;
  // Of the machine, for people.
  std::string hostname;
  // Shared by all daemons of a cloud, or what this one's role got of it. The handshake proves that both sides have it;
  // it is never sent.
  ClusterSecret cluster_secret;
  // Between daemons: each shows a certificate of the CA to the other, on every address but unix sockets. May be null.
  TlsPtr tls;
  // Messages held for one peer, sent and not acknowledged or not sent.
  size_t queue_limit = 1 << 16;
  size_t queue_bytes = 64 << 20;  // of them, as they are encoded; the first few are not counted (QueueLimit)
  // Of the gRPC server: kClientServer where clients come and no daemons.
  ServerLimits limits;
  // Names pairs of daemons that must not be connected (rpc/node/partitions.h); it may come and go. Empty: none.
  std::string partitions_file;
  // Told when a daemon refuses this process for a reason that time alone won't mend: another process has its role and
  // index, protocol version or cluster secret differ. It is dialed again all the same. May be empty.
  std::function<void(const Error&)> on_refused;
  // Told when this process is of no use any more, but a new process of its identity may be: the controller says, with a
  // proof, that a newer one replaced it; or a daemon that it dialed has had another one meanwhile. The node goes on asking
  // until it is stopped. May be empty.
  std::function<void(const Error&)> on_replaced;

  // Needed where this process, or the controller, is reached by TCP: other machines' users may come there, and other
  // users of this one.
  bool is_guarded() const { return tls != nullptr || !cluster_secret.empty(); }
};

// A line of the directory.
struct KnownDaemon {
  Peer peer;
  std::string address;
  std::string hostname;
  bool operator==(const KnownDaemon&) const = default;
};

class GrpcNode final : public Transport {
 public:
  GrpcNode(Loop& loop, rpc::GrpcQueue& queue, NodeOptions options, PeerHandler& handler, Log& log);
  // Stops. Must not run inside a call of the handler.
  ~GrpcNode() override;

  // Before start(): also serve this, on every address; `name` is its full one. The service must outlive the node, and
  // end its calls when they are cancelled, without a turn of the loop: stop() cancels them after a moment and waits.
  void add_service(rpc::CallService& service, std::string name);
  // Before start(): also listen here, for clients; with TLS where it is given. Daemons are accepted through
  // NodeOptions::listen alone.
  void add_listen(std::string address, TlsPtr tls = nullptr);

  // Listens, then dials. Nothing is left behind on failure: kAlreadyExists when an address is in use, kInvalidArgument for
  // an address that can't be, or one beyond this machine, the controller's too, with neither a cluster secret nor TLS.
  Expected<> start();
  // Breaks every connection, without calls to the handler, and waits for gRPC to be done with them; other events of the
  // queue are handled meanwhile. Final.
  void stop();

  // Of a daemon whose memory is gone though its process lives: breaks every connection without calls to the handler, and
  // forgets all peers; they come back to this incarnation. Where others are dialed, they are dialed again.
  void begin_incarnation(Incarnation incarnation);

  // What the standard health service answers for "" and for every service; false at first.
  void set_serving(bool serving);
  // Breaks the connection to a peer, as a network would; it is dialed again. For tests and fault injection.
  void disconnect(PeerId peer);

  // The daemons of the cloud as the controller knows them, by role and index; without the controller. Some may be down.
  std::vector<KnownDaemon> daemons() const;
  // What it listens on, with the ports that port 0 became: `listen` first. Empty before start().
  std::vector<std::string> addresses() const;
  // Messages for all peers together that are not sent, or not acknowledged.
  size_t queued_messages() const;

  PeerId self() const override;
  Incarnation incarnation() const override;
  std::vector<Peer> peers(Role role) const override;
  bool send(PeerId to, Message message) override;
  void forbid(PeerId id, const std::vector<Incarnation>& replaced) override;

 private:
  class Node;
  std::unique_ptr<Node> node_;
};

}  // namespace kilonova
