#include "tests/tools/proxy/fault_proxy.h"

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "rpc/convert/convert.h"
#include "rpc/convert/status.h"
#include "rpc/node/client_stream.h"
#include "rpc/node/handshake.h"
#include "rpc/node/limits.h"
#include "rpc/node/listener.h"
#include "rpc/node/server_stream.h"
#include "rpc/node/session.h"
#include "rpc/node/stream.h"

namespace kilonova::proxy {
namespace {

// What was said in the handshake is proved, and the proxy says other numbers: it makes the proofs anew, which only
// daemons without a secret take from it.
constexpr std::string_view kNoSecret;

}  // namespace

// Two streams: from the dialer to a door, and from the proxy to the daemon behind it.
class FaultProxy::Connection {
 public:
  Connection(FaultProxy& proxy, StreamPtr dialer) : proxy_(proxy) { sides_[kDialer].stream = std::move(dialer); }
  ~Connection() {
    if (key_) proxy_.detach(*key_, this);
  }

  // Of what is not there yet, null.
  const StreamPtr& server() const { return sides_[kServer].stream; }

  // The dialer's first frame: `dial` makes the stream to the daemon.
  void hello_from_dialer(v1::Hello hello, const std::function<StreamPtr()>& dial) {
    hello_ = std::move(hello);
    ProxiedPair* pair = nullptr;
    for (auto& [key, known] : proxy_.pairs_)
      if (std::get<0>(key) == peer_of(hello_) && std::get<1>(key) == hello_.incarnation() &&
          std::get<3>(key) == hello_.resume_incarnation())
        pair = known.get();
    sides_[kServer].stream = dial();
    server()->max_frame_bytes = kMaxMessageBytes;
    forwarded_ = hello_;
    forwarded_.set_resume_number(pair != nullptr ? pair->link_to(false).receiver().applied() : 0);
    *server()->new_frame().mutable_hello() = forwarded_;
    server()->write();
  }

  void on_frame(const StreamPtr& stream, IncomingFrame& frame) {
    Side from = stream == server() ? kServer : kDialer;
    if (frame.hello && from == kServer && !key_) hello_from_server(std::move(*frame.hello));
    if (!key_ || over_) return;
    if (!frame.proof.empty() && from == kDialer) proof_ = make_proof(kNoSecret, "dialer", forwarded_, server_hello_);
    if (frame.directory && from == kServer) directory_ = std::move(*frame.directory);
    Link& link = pair_->link_to(from == kDialer);
    Direction& direction = pair_->direction_of(from == kDialer);
    Link::Receipt receipt = link.receive(frame.first_number, frame.ack, frame.messages, [&](Message message) {
      direction.pass(std::move(message));
      return true;
    });
    if (receipt != Link::Receipt::kApplied)
      return close(grpc::Status(grpc::StatusCode::DATA_LOSS, "the proxy was told other numbers than it knows"));
    flush_both();
  }

  void flush_both() {
    flush(kDialer);
    flush(kServer);
  }

  void close(const grpc::Status& status) {
    over_ = true;
    for (End& end : sides_)
      if (end.stream) end.stream->close(status);
  }

  void forget(const StreamPtr& stream) {
    for (End& end : sides_)
      if (end.stream == stream) end.stream.reset();
  }

 private:
  enum Side { kDialer = 0, kServer = 1 };
  struct End {
    StreamPtr stream;
    std::optional<v1::Frame> again;  // the last frame, to be written a second time
  };

  void hello_from_server(v1::Hello hello) {
    PairKey key{peer_of(hello_), hello_.incarnation(), peer_of(hello), hello.incarnation()};
    pair_ = &proxy_.open_pair(key);
    bool dialer_resumes = hello_.resume_incarnation() == hello.incarnation();
    bool server_resumes = hello.resume_incarnation() == hello_.incarnation();
    if (!pair_->link_to(true).resume(dialer_resumes ? hello_.resume_number() : 0) ||
        !pair_->link_to(false).resume(server_resumes ? hello.resume_number() : 0))
      return close(grpc::Status(grpc::StatusCode::DATA_LOSS, "they have heard what the proxy never said"));
    key_ = key;
    proxy_.attach(key, this);
    server_hello_ = hello;
    hello.set_resume_number(pair_->link_to(true).receiver().applied());
    hello.set_proof(make_proof(kNoSecret, "server", hello_, hello));
    answer_ = std::move(hello);
  }

  // Data for the daemon waits for the dialer's proof.
  bool may_write(Side to) const {
    const End& end = sides_[to];
    return key_ && !over_ && end.stream && end.stream->open() && !end.stream->writing() &&
           (to == kDialer || proof_ || proven_);
  }

  void flush(Side to) {
    End& end = sides_[to];
    while (may_write(to)) {
      if (end.again) {
        end.stream->new_frame() = *std::exchange(end.again, std::nullopt);
        return end.stream->write();
      }
      v1::Frame frame;
      bool handshake = fill_handshake(to, frame);
      // A proof goes alone.
      size_t messages = handshake && to == kServer ? 0 : fill_data(pair_->link_to(to == kDialer), frame);
      if (!handshake && messages == 0 && frame.ack() == 0) return;
      Direction::FrameFate fate;
      if (!handshake && messages != 0) fate = pair_->direction_of(to != kDialer).fate_of_frame();
      if (fate.drop) continue;
      if (fate.repeat) end.again = frame;
      end.stream->new_frame() = std::move(frame);
      end.stream->write();
      if (fate.break_connection) close(grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken by the proxy"));
    }
  }

  bool fill_handshake(Side to, v1::Frame& frame) {
    bool any = false;
    if (to == kDialer && answer_) {
      *frame.mutable_hello() = *std::exchange(answer_, std::nullopt);
      any = true;
    } else if (to == kDialer && directory_) {
      *frame.mutable_directory() = *std::exchange(directory_, std::nullopt);
      any = true;
    } else if (to == kServer && proof_) {
      frame.set_proof(*std::exchange(proof_, std::nullopt));
      proven_ = any = true;
    }
    return any;
  }

  // An acknowledgement is set where one is owed, or messages take it along.
  static size_t fill_data(Link& link, v1::Frame& frame) {
    if (frame.has_hello()) return 0;
    size_t bytes = 0;
    LinkSender::Batch batch = link.sender().take(kMaxFrameMessages, [&](const Message& message) {
      if (bytes >= kMaxFrameBytes) return LinkSender::Offer::kFrameFull;
      v1::Envelope* envelope = frame.add_messages();
      rpc::to_proto(message, envelope);
      size_t size = envelope->ByteSizeLong();
      if (bytes != 0 && bytes + size > kMaxFrameBytes) {
        frame.mutable_messages()->RemoveLast();
        return LinkSender::Offer::kFrameFull;
      }
      bytes += size;
      return LinkSender::Offer::kTaken;
    });
    frame.set_first_number(batch.first_number);
    if (batch.count != 0 || link.receiver().unacknowledged() != 0) frame.set_ack(link.receiver().acknowledge());
    return batch.count;
  }

  FaultProxy& proxy_;
  End sides_[2];
  v1::Hello hello_;         // the dialer's
  v1::Hello forwarded_;     // as the server is told it
  v1::Hello server_hello_;  // as it was said
  std::optional<v1::Hello> answer_;
  std::optional<v1::Directory> directory_;
  std::optional<std::string> proof_;
  bool proven_ = false;
  bool over_ = false;
  std::optional<PairKey> key_;  // once both are known
  ProxiedPair* pair_ = nullptr;
};

// One route.
class FaultProxy::Door final : public StreamEvents {
 public:
  Door(FaultProxy& proxy, Route route)
      : proxy_(proxy),
        route_(std::move(route)),
        queue_(proxy.queues_.add()),
        service_(*this, proxy.loop_),
        listener_(queue_) {}
  ~Door() override { stop(); }

  Expected<> start() {
    return listener_.start({{.address = route_.listen, .tls = nullptr}}, {{&service_, "kilonova.v1.Peer"}});
  }

  void stop() {
    if (std::exchange(stopped_, true)) return;
    grpc::Status stopping(grpc::StatusCode::UNAVAILABLE, "the proxy is stopping");
    for (const auto& [stream, connection] : connections_) stream->close(stopping);
    listener_.stop();
    while (!connections_.empty()) {
      queue_.wait(std::nullopt);
      queue_.poll();
    }
  }

 private:
  void on_stream_accepted(const StreamPtr& stream) override {
    connections_[stream] = std::make_shared<Connection>(proxy_, stream);
    if (stopped_) return stream->close(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the proxy is stopping"));
    stream->max_frame_bytes = kMaxMessageBytes;
    stream->begin_reading();
  }

  void on_stream_frame(const StreamPtr& stream, IncomingFrame& frame) override {
    auto found = connections_.find(stream);
    if (found == connections_.end()) return;
    std::shared_ptr<Connection> connection = found->second;
    if (!stream->dialed() && !connection->server() && frame.hello) {
      connection->hello_from_dialer(std::move(*frame.hello),
                                    [this] { return ClientStream::dial(*this, queue_, route_.target, nullptr); });
      connections_[connection->server()] = connection;
    } else {
      connection->on_frame(stream, frame);
    }
  }

  void on_stream_written(const StreamPtr& stream) override {
    if (auto found = connections_.find(stream); found != connections_.end()) found->second->flush_both();
  }

  void on_stream_closed(const StreamPtr& stream, const Error& why) override {
    auto found = connections_.find(stream);
    if (found == connections_.end()) return;
    std::shared_ptr<Connection> connection = std::move(found->second);
    connections_.erase(found);
    connection->forget(stream);
    connection->close(grpc::Status(rpc::to_grpc(why.code), why.message));
  }

  FaultProxy& proxy_;
  Route route_;
  rpc::GrpcQueue& queue_;
  PeerService service_;
  Listener listener_;
  std::map<StreamPtr, std::shared_ptr<Connection>> connections_;  // twice each: by either stream
  bool stopped_ = false;
};

FaultProxy::FaultProxy(Loop& loop, ManyQueues& queues, uint64_t seed) : loop_(loop), queues_(queues), seed_(seed) {}

FaultProxy::~FaultProxy() { stop(); }

Expected<> FaultProxy::start(const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    doors_.push_back(std::make_unique<Door>(*this, route));
    if (auto started = doors_.back()->start(); !started) return started;
  }
  return {};
}

void FaultProxy::stop() {
  doors_.clear();
  attached_.clear();
  pairs_.clear();
}

ProxiedPair& FaultProxy::open_pair(const PairKey& key) {
  std::unique_ptr<ProxiedPair>& pair = pairs_[key];
  if (!pair) {
    const auto& [a, a_incarnation, b, b_incarnation] = key;
    pair = std::make_unique<ProxiedPair>(loop_, rules_, seed_, a, a_incarnation, b, b_incarnation,
                                         counts_[to_string(a) + ">" + to_string(b)],
                                         counts_[to_string(b) + ">" + to_string(a)], [this, key] { moved(key); });
  }
  return *pair;
}

void FaultProxy::attach(const PairKey& key, Connection* connection) {
  Connection*& attached = attached_[key];
  if (attached != nullptr && attached != connection)
    attached->close(grpc::Status(grpc::StatusCode::UNAVAILABLE, "replaced by a newer connection"));
  attached = connection;
}

void FaultProxy::detach(const PairKey& key, Connection* connection) {
  auto found = attached_.find(key);
  if (found != attached_.end() && found->second == connection) attached_.erase(found);
}

void FaultProxy::moved(const PairKey& key) {
  auto found = attached_.find(key);
  if (found != attached_.end()) found->second->flush_both();
}

}  // namespace kilonova::proxy
