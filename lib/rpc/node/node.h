// GrpcNode::Node: what its streams mean. Handshakes, peers that come and go, frames in and out.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/source_counts.h"
#include "rpc/loop/grpc_queue.h"
#include "rpc/node/address.h"
#include "rpc/node/dialer.h"
#include "rpc/node/grpc_node.h"
#include "rpc/node/limits.h"
#include "rpc/node/listener.h"
#include "rpc/node/partitions.h"
#include "rpc/node/peer_table.h"
#include "rpc/node/refusal_log.h"
#include "rpc/node/server_stream.h"
#include "rpc/node/session.h"
#include "rpc/node/stream.h"
#include "rpc/node/stream_events.h"

namespace kilonova {

class GrpcNode::Node final : public StreamEvents {
 public:
  Node(Loop& loop, rpc::GrpcQueue& queue, NodeOptions options, PeerHandler& handler, Log& log);
  ~Node() override;

  Expected<> start();
  void stop();
  void forbid(PeerId id, const std::vector<Incarnation>& replaced);
  void disconnect(PeerId id);
  void begin_incarnation(Incarnation incarnation);
  bool send(PeerId to, Message message);

  const NodeOptions& options() const { return options_; }
  const PeerTable& peers() const { return peers_; }
  v1::Directory directory() const;
  Listener& listener() { return listener_; }
  size_t queued_messages() {
    size_t all = 0;
    for (auto& [id, peer] : peers_.all()) all += peer.link.sender().size();
    return all;
  }

  std::vector<NamedService> services;
  std::vector<Listener::Door> more_doors;

 private:
  void on_stream_accepted(const StreamPtr& stream) override;
  void on_stream_frame(const StreamPtr& stream, IncomingFrame& frame) override;
  void on_stream_written(const StreamPtr& stream) override;
  void on_stream_closed(const StreamPtr& stream, const Error& why) override;

  // Handshake (node_handshake.cc).
  Expected<> check_guarded(const std::string& address) const;
  void dial(PeerId target, const std::string& address);
  v1::Hello make_hello(PeerId other);
  void hello_from_dialer(const StreamPtr& stream, v1::Hello& hello);
  void hello_from_server(const StreamPtr& stream, v1::Hello& hello);
  void end_as_replaced(const StreamPtr& stream);
  void begin_anew(const StreamPtr& stream);
  // Of this process, not only of the stream.
  void end_for_good(const StreamPtr& stream, std::string why);
  bool proof_from_dialer(const StreamPtr& stream, const std::string& proof);
  Expected<> may_come_here(const Stream& stream) const;
  Expected<> may_dial_us(const v1::Hello& hello) const;
  // Strangers' frames may be long until they are read, so few at a time are asked for theirs.
  void greet_next();
  void end_greeting(Session& session);
  void refuse(const StreamPtr& stream, const Error& why);
  void log_refusal(PeerId other, const std::string& address, const Error& why);
  Expected<> check_partition(PeerId other) const;
  void report_failed_dial(const StreamPtr& stream, const Error& why);

  PeerTable new_peers() const;
  // A stream begins or ceases to carry a peer. attach() and data() call the handler, which may stop the node.
  void attach(const StreamPtr& stream);
  void detach(PeerState& peer, const std::string& why);
  void data(const StreamPtr& stream, IncomingFrame& frame);
  void learn(const v1::Directory& directory);

  // Frames out.
  void mark_dirty(PeerState& peer);
  void flush();
  void flush(PeerState& peer);
  LinkSender::Offer append(const PeerState& peer, const Message& message, v1::Frame* frame, size_t* bytes);
  void write(Stream& stream);
  void watch();
  void watch_partitions();
  void acknowledge_all();

  Loop& loop_;
  rpc::GrpcQueue& queue_;
  NodeOptions options_;
  PeerHandler& handler_;
  Log& log_;

  PeerService service_;
  Listener listener_;
  PeerTable peers_;
  Dialer dialer_;
  SourceCounts<std::string> greetings_{kGreetings};  // strangers being read
  std::set<StreamPtr> streams_;                      // until their last event
  v1::Directory learned_directory_;
  std::map<PeerId, std::string> last_failure_;  // of dialing, so that each is logged once
  RefusalLog refusals_;
  std::deque<StreamPtr> greeters_;  // accepted, not read yet
  Partitions partitions_;

  std::vector<PeerState*> dirty_;
  bool drain_registered_ = false;
  TimerId ack_timer_ = 0;
  TimerId watch_timer_ = 0;
  TimerId partitions_timer_ = 0;
  bool started_ = false;
  bool stopped_ = false;
  // Drain callbacks can't be cancelled: they hold this weakly.
  std::shared_ptr<Node*> alive_ = std::make_shared<Node*>(this);
};

}  // namespace kilonova
