#include "rpc/node/node.h"

#include <fmt/format.h>
#include <signal.h>

#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "rpc/convert/convert.h"
#include "rpc/convert/status.h"
#include "rpc/node/channel.h"
#include "rpc/node/handshake.h"
#include "rpc/node/limits.h"

namespace kilonova {
namespace {

size_t encoded_bytes(const Message& message) {
  v1::Envelope envelope;
  rpc::to_proto(message, &envelope);
  return envelope.ByteSizeLong();
}

// As a bug or the kernel would end it: nothing is said, written or closed.
[[noreturn]] void end_process() {
  ::raise(SIGKILL);
  std::_Exit(1);
}

}  // namespace

GrpcNode::Node::Node(Loop& loop, rpc::GrpcQueue& queue, NodeOptions options, PeerHandler& handler, Log& log)
    : loop_(loop),
      queue_(queue),
      options_(std::move(options)),
      handler_(handler),
      log_(log),
      service_(*this, loop),
      listener_(queue, options_.limits,
                [this](const std::string& source, const Error& why) { log_refusal({}, source, why); }),
      peers_(new_peers()),
      dialer_(loop, Random(options_.incarnation, to_string(options_.self), "reconnect"),
              [this](PeerId target, const std::string& address) { dial(target, address); }),
      partitions_(options_.partitions_file, options_.self) {
  KN_CHECK(options_.incarnation != 0, "an incarnation is never 0");
  KN_CHECK(options_.controller.empty() == (options_.self.role == Role::kController),
           "everybody but the controller needs the controller's address");
}

GrpcNode::Node::~Node() { stop(); }

Expected<> GrpcNode::Node::start() {
  KN_CHECK(!started_ && !stopped_, "a node starts once");
  std::vector<Listener::Door> doors;
  if (!options_.cluster_secret.is_for(options_.self.role))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the cluster secret is another role's: make {}'s with `kilonova config role-secret {}`",
                            to_string(options_.self), to_string(options_.self.role)));
  for (const std::string& address : {options_.listen, options_.controller})
    if (Expected<> guarded = check_guarded(address); !guarded) return guarded;
  if (!options_.listen.empty()) {
    doors.push_back({options_.listen, options_.tls});
    services.push_back({&service_, PeerService::kName});
  }
  doors.insert(doors.end(), more_doors.begin(), more_doors.end());
  if (!doors.empty()) {
    if (Expected<> listening = listener_.start(doors, services); !listening) return listening;
    if (!options_.listen.empty() && options_.advertise.empty()) options_.advertise = listener_.addresses().front();
  }
  started_ = true;
  watch_timer_ = loop_.call_after(kWatchInterval, [this] { watch(); });
  if (!options_.partitions_file.empty()) watch_partitions();
  if (stopped_) return {};
  if (!options_.controller.empty()) dialer_.learn(PeerId{Role::kController, 0}, options_.controller, 0);
  return {};
}

Expected<> GrpcNode::Node::check_guarded(const std::string& address) const {
  if (address.empty()) return {};
  Expected<ListenAddress> parsed = parse_listen_address(address);
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->is_unix() || options_.is_guarded()) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is no unix socket, so others can reach it: there daemons need a cluster secret "
                          "(--cluster-secret-file) or TLS (--cluster-certificate, --cluster-key, --cluster-ca)",
                          address));
}

void GrpcNode::Node::stop() {
  if (stopped_) return;
  stopped_ = true;
  dialer_.stop();
  loop_.cancel(watch_timer_);
  loop_.cancel(partitions_timer_);
  loop_.cancel(ack_timer_);
  grpc::Status stopping(grpc::StatusCode::UNAVAILABLE, to_string(options_.self) + " is stopping");
  for (const StreamPtr& stream : streams_) stream->close(stopping);
  greeters_.clear();
  listener_.stop();
  while (!streams_.empty()) {
    queue_.wait(std::nullopt);
    queue_.poll();
  }
  for (auto& [id, peer] : peers_.all()) peer.stream.reset();
}

// ---- peers

void GrpcNode::Node::attach(const StreamPtr& stream) {
  PeerId id = stream->session->other;
  if (PeerState* known = peers_.find(id); known != nullptr && known->stream) {
    // The same process again: it noticed earlier than we did that the last connection broke.
    StreamPtr last = known->stream;
    detach(*known, "it connected again");
    last->close(grpc::Status(grpc::StatusCode::UNAVAILABLE, "replaced by a newer connection"));
    if (stopped_ || !stream->open()) return;
  }
  PeerState& peer = peers_.admit(stream->session->theirs);
  peer.stream = stream;
  peer.directory_due = options_.self.role == Role::kController;
  stream->session->peer = &peer;
  stream->session->stage = Session::Stage::kUp;
  stream->max_frame_bytes = kMaxMessageBytes;
  end_greeting(*stream->session);
  if (stream->dialed()) {
    dialer_.connected(id);
    last_failure_.erase(id);
  }
  if (options_.self.role == Role::kController) {
    for (auto& [other_id, other] : peers_.all()) {
      other.directory_due = true;
      mark_dirty(other);
    }
  }
  mark_dirty(peer);
  log_.event(
      LogLevel::kInfo, "peer connected",
      {{"peer", to_string(id)}, {"incarnation", fmt::format("{:016x}", peer.link.peer())}, {"from", stream->remote()}});
  handler_.on_peer_up(peer.peer());
}

void GrpcNode::Node::detach(PeerState& peer, const std::string& why) {
  peer.stream->session->stage = Session::Stage::kOver;
  peer.stream->session->peer = nullptr;
  peer.stream.reset();
  log_.event(LogLevel::kWarning, "peer disconnected", {{"peer", to_string(peer.id)}, {"why", why}});
  handler_.on_peer_down(peer.peer());
}

void GrpcNode::Node::disconnect(PeerId id) {
  PeerState* peer = peers_.find(id);
  if (peer == nullptr || !peer->stream) return;
  StreamPtr stream = peer->stream;
  detach(*peer, "it was asked for");
  stream->close(grpc::Status(grpc::StatusCode::UNAVAILABLE, "disconnected"));
}

PeerTable GrpcNode::Node::new_peers() const {
  return {options_.incarnation, {options_.queue_limit, options_.queue_bytes, encoded_bytes}};
}

// As if the process had ended and another one had begun to listen where it did.
void GrpcNode::Node::begin_incarnation(Incarnation incarnation) {
  options_.incarnation = incarnation;
  grpc::Status over(grpc::StatusCode::UNAVAILABLE, to_string(options_.self) + " begins again");
  for (const StreamPtr& stream : streams_) {
    stream->session->stage = Session::Stage::kOver;
    stream->session->peer = nullptr;
    stream->close(over);
  }
  greeters_.clear();
  dirty_.clear();
  peers_ = new_peers();
}

void GrpcNode::Node::forbid(PeerId id, const std::vector<Incarnation>& replaced) {
  peers_.forbid(id, replaced);
  PeerState* peer = peers_.find(id);
  if (peer == nullptr || !peer->stream || !peers_.is_forbidden(peer->peer())) return;
  StreamPtr stream = peer->stream;
  const std::string why = "this process was replaced by a newer one; stop it";
  detach(*peer, why);
  stream->close(grpc::Status(grpc::StatusCode::ALREADY_EXISTS, why));
}

v1::Directory GrpcNode::Node::directory() const {
  return options_.self.role == Role::kController ? peers_.directory() : learned_directory_;
}

void GrpcNode::Node::learn(const v1::Directory& directory) {
  learned_directory_ = directory;
  for (const v1::DirectoryEntry& entry : directory.entries()) {
    PeerId id{static_cast<Role>(entry.role()), entry.index()};
    bool ours_to_dial = id.role != Role::kController && dials(options_.self.role, id.role);
    if (ours_to_dial && !entry.address().empty()) dialer_.learn(id, entry.address(), entry.incarnation());
    peers_.allow({id, entry.incarnation()});
    if (entry.replaced_size() != 0) forbid(id, {entry.replaced().begin(), entry.replaced().end()});
    if (stopped_) return;
  }
}

// ---- frames in

void GrpcNode::Node::on_stream_accepted(const StreamPtr& stream) {
  streams_.insert(stream);
  stream->session = std::make_unique<Session>();
  stream->session->began = loop_.now();
  if (stopped_) return stream->close(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the daemon is stopping"));
  if (Expected<> here = may_come_here(*stream); !here) return refuse(stream, here.error());
  greeters_.push_back(stream);
  greet_next();
}

void GrpcNode::Node::on_stream_frame(const StreamPtr& stream, IncomingFrame& frame) {
  Session& session = *stream->session;
  switch (session.stage) {
    case Session::Stage::kHello:
      if (!frame.hello) {
        refuse(stream, {ErrorCode::kInvalidArgument, "the first frame has a hello"});
      } else if (stream->dialed()) {
        hello_from_server(stream, *frame.hello);
      } else {
        hello_from_dialer(stream, *frame.hello);
      }
      return;
    case Session::Stage::kProof:
      if (proof_from_dialer(stream, frame.proof)) data(stream, frame);
      return;
    case Session::Stage::kUp: data(stream, frame); return;
    case Session::Stage::kOver: return;
  }
}

void GrpcNode::Node::data(const StreamPtr& stream, IncomingFrame& frame) {
  Session& session = *stream->session;
  if (session.stage != Session::Stage::kUp) return;  // the handler ended it
  if (frame.directory) {
    if (session.other.role != Role::kController) {
      return refuse(stream, {ErrorCode::kInvalidArgument, "only the controller sends a directory"});
    }
    learn(*frame.directory);
  }
  PeerState& peer = *session.peer;
  Peer from = peer.peer();
  Link::Receipt receipt = peer.link.receive(frame.first_number, frame.ack, frame.messages, [&](Message message) {
    if (holds_alternative<EndProcess>(message.body) && from.id.role == Role::kController) end_process();
    handler_.on_message(from, std::move(message));
    return session.stage == Session::Stage::kUp && !stopped_;
  });
  switch (receipt) {
    case Link::Receipt::kApplied: break;
    case Link::Receipt::kStopped: return;
    case Link::Receipt::kGap:
      return refuse(stream,
                    {ErrorCode::kDataLoss, fmt::format("message {} is missing before {}",
                                                       peer.link.receiver().applied() + 1, frame.first_number)});
    case Link::Receipt::kBadAck:
      return refuse(stream,
                    {ErrorCode::kInvalidArgument, fmt::format("message {} was acknowledged, but only {} were sent",
                                                              frame.ack, peer.link.sender().last_number())});
  }
  uint64_t owed = peer.link.receiver().unacknowledged();
  if (owed >= kAckEvery) {
    peer.ack_due = true;
    mark_dirty(peer);
  } else if (owed != 0 && ack_timer_ == 0) {
    ack_timer_ = loop_.call_after(kAckDelay, [this] { acknowledge_all(); });
  }
}

void GrpcNode::Node::acknowledge_all() {
  ack_timer_ = 0;
  for (auto& [id, peer] : peers_.all()) {
    if (!peer.stream || peer.link.receiver().unacknowledged() == 0) continue;
    peer.ack_due = true;
    mark_dirty(peer);
  }
}

void GrpcNode::Node::on_stream_closed(const StreamPtr& stream, const Error& why) {
  streams_.erase(stream);
  if (stopped_) return;
  end_greeting(*stream->session);
  Session& session = *stream->session;
  bool was_up = session.peer != nullptr;
  if (was_up) detach(*session.peer, why.message.empty() ? std::string("the connection ended") : why.message);
  if (stopped_) return;
  if (!stream->dialed()) {
    if (session.stage == Session::Stage::kProof)
      log_refusal(session.other, stream->remote(),
                  {ErrorCode::kUnauthenticated, "it left during the handshake: it may have another cluster secret"});
    return;
  }
  if (session.stage == Session::Stage::kHello) report_failed_dial(stream, why);
  bool plain = why.code == ErrorCode::kUnavailable || why.code == ErrorCode::kDeadlineExceeded;
  dialer_.ended(session.other, !plain);
}

// ---- frames out

bool GrpcNode::Node::send(PeerId to, Message message) {
  if (to == options_.self && holds_alternative<EndProcess>(message.body)) end_process();
  PeerState* peer = peers_.find(to);
  if (peer == nullptr || stopped_ || !peer->link.sender().push(std::move(message))) return false;
  if (peer->stream) mark_dirty(*peer);
  return true;
}

void GrpcNode::Node::mark_dirty(PeerState& peer) {
  if (peer.dirty) return;
  peer.dirty = true;
  dirty_.push_back(&peer);
  if (drain_registered_) return;
  drain_registered_ = true;
  loop_.at_drain([alive = std::weak_ptr(alive_)] {
    if (auto node = alive.lock()) (*node)->flush();
  });
}

void GrpcNode::Node::flush() {
  drain_registered_ = false;
  std::vector<PeerState*> dirty;
  dirty.swap(dirty_);
  for (PeerState* peer : dirty) {
    peer->dirty = false;
    flush(*peer);
  }
}

void GrpcNode::Node::flush(PeerState& peer) {
  if (stopped_ || !peer.stream || !peer.stream->open() || peer.stream->writing()) return;
  Session& session = *peer.stream->session;
  if (!peer.link.sender().has_unsent() && !peer.ack_due && !peer.directory_due && session.proof.empty()) return;
  v1::Frame& frame = peer.stream->new_frame();
  size_t bytes = 0;
  // A proof goes alone: what comes before it was checked has to be small.
  const int most = session.proof.empty() ? kMaxFrameMessages : 0;
  frame.set_proof(std::exchange(session.proof, {}));
  if (std::exchange(peer.directory_due, false)) {
    *frame.mutable_directory() = peers_.directory();
    bytes = frame.directory().ByteSizeLong();
  }
  LinkSender::Batch batch = peer.link.sender().take(most, [&](const Message& message, size_t& size) {
    const size_t before = bytes;
    LinkSender::Offer offer = append(peer, message, &frame, &bytes);
    size = bytes - before;
    return offer;
  });
  frame.set_first_number(batch.first_number);
  frame.set_ack(peer.link.receiver().acknowledge());
  peer.ack_due = false;
  write(*peer.stream);
}

LinkSender::Offer GrpcNode::Node::append(const PeerState& peer, const Message& message, v1::Frame* frame,
                                         size_t* bytes) {
  if (*bytes >= kMaxFrameBytes) return LinkSender::Offer::kFrameFull;
  v1::Envelope* envelope = frame->add_messages();
  rpc::to_proto(message, envelope);
  size_t size = envelope->ByteSizeLong();
  if (size > kMaxEnvelopeBytes && holds_alternative<ApiReply>(message.body)) {
    // Somebody waits for it: told at once, rather than left to run out of time. Not kInvalidArgument: a write was done.
    envelope->Clear();
    Error too_long{
        ErrorCode::kInternal,
        fmt::format("the answer is too long to send ({} bytes, the limit is {}); what was asked for may have "
                    "been done: look before asking again, and for less at once",
                    size, kMaxEnvelopeBytes)};
    rpc::to_proto(Message{message.call, ApiReply{std::unexpected(std::move(too_long))}}, envelope);
    size = envelope->ByteSizeLong();
  }
  if (size > kMaxEnvelopeBytes) {
    frame->mutable_messages()->RemoveLast();
    log_.event(LogLevel::kError, "a message is too long to be sent and was dropped",
               {{"peer", to_string(peer.id)},
                {"message", std::string(message_name(message))},
                {"bytes", std::to_string(size)},
                {"limit", std::to_string(kMaxEnvelopeBytes)}});
    return LinkSender::Offer::kDropped;
  }
  if (*bytes != 0 && *bytes + size > kMaxFrameBytes) {
    frame->mutable_messages()->RemoveLast();
    return LinkSender::Offer::kFrameFull;
  }
  *bytes += size;
  return LinkSender::Offer::kTaken;
}

void GrpcNode::Node::write(Stream& stream) {
  stream.session->write_began = loop_.now();
  stream.write();
}

void GrpcNode::Node::on_stream_written(const StreamPtr& stream) {
  if (stream->session->peer != nullptr) flush(*stream->session->peer);
}

void GrpcNode::Node::watch_partitions() {
  partitions_timer_ = loop_.call_after(kPartitionsInterval, [this] { watch_partitions(); });
  partitions_.look();
  std::vector<PeerId> cut;
  for (const auto& [id, peer] : peers_.all())
    if (peer.stream && partitions_.cuts_off(id)) cut.push_back(id);
  for (PeerId id : cut) {
    disconnect(id);
    if (stopped_) return;
  }
}

void GrpcNode::Node::watch() {
  watch_timer_ = loop_.call_after(kWatchInterval, [this] { watch(); });
  listener_.take_back_silent();
  Instant now = loop_.now();
  std::vector<StreamPtr> late;
  for (const StreamPtr& stream : streams_) {
    const Session& session = *stream->session;
    bool greeting = session.stage == Session::Stage::kHello || session.stage == Session::Stage::kProof;
    bool no_greeting = greeting && now - session.began > kHandshakeTimeout;
    bool stuck = stream->writing() && now - session.write_began > kWriteTimeout;
    // gRPC reports a stream's end when its last write has left the process, which a frozen peer may never allow.
    bool counts = stream->open() || session.peer != nullptr;
    if (counts && (no_greeting || stuck)) late.push_back(stream);
  }
  for (const StreamPtr& stream : late) {
    bool up = stream->session->stage == Session::Stage::kUp;
    refuse(stream, {ErrorCode::kDeadlineExceeded, up ? "it takes no more data" : "no handshake in time"});
    if (stopped_) return;
  }
}

}  // namespace kilonova
