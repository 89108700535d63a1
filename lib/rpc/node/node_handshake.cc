// The part of Node that runs before a stream carries messages.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/check.h"
#include "rpc/convert/status.h"
#include "rpc/node/client_stream.h"
#include "rpc/node/handshake.h"
#include "rpc/node/limits.h"
#include "rpc/node/node.h"

namespace kilonova {

void GrpcNode::Node::dial(PeerId target, const std::string& address) {
  StreamPtr stream = ClientStream::dial(*this, queue_, address, options_.tls);
  stream->session = std::make_unique<Session>();
  stream->session->other = target;
  stream->session->began = loop_.now();
  stream->session->ours = make_hello(target);
  streams_.insert(stream);
  *stream->new_frame().mutable_hello() = stream->session->ours;
  write(*stream);
}

v1::Hello GrpcNode::Node::make_hello(PeerId other) {
  v1::Hello hello;
  hello.set_protocol_version(kProtocolVersion);
  hello.set_role(static_cast<uint32_t>(options_.self.role));
  hello.set_index(options_.self.index);
  hello.set_incarnation(options_.incarnation);
  hello.set_address(options_.advertise);
  hello.set_hostname(options_.hostname);
  if (PeerState* peer = peers_.find(other)) {
    hello.set_resume_incarnation(peer->link.peer());
    hello.set_resume_number(peer->link.receiver().applied());
  }
  hello.set_nonce(random_nonce());
  return hello;
}

Expected<> GrpcNode::Node::may_dial_us(const v1::Hello& hello) const {
  if (Expected<> spoken = check_hello(hello); !spoken) return spoken;
  PeerId id = peer_of(hello);
  if (!dials(id.role, options_.self.role)) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("{} does not dial {}", to_string(id), to_string(options_.self)));
  }
  return {};
}

// Before anything of the stream is read.
Expected<> GrpcNode::Node::may_come_here(const Stream& stream) const {
  // The server may listen elsewhere too, for clients.
  bool through_socket = stream.remote().starts_with("unix:");
  bool on_socket = options_.listen.starts_with("unix:");
  if ((on_socket && !through_socket) || (!through_socket && !options_.is_guarded())) {
    return fail(ErrorCode::kPermissionDenied, fmt::format("daemons connect through {}", options_.listen));
  }
  return {};
}

void GrpcNode::Node::hello_from_dialer(const StreamPtr& stream, v1::Hello& hello) {
  if (Expected<> allowed = may_dial_us(hello); !allowed) return refuse(stream, allowed.error());
  if (Expected<> whole = check_partition(peer_of(hello)); !whole) return refuse(stream, whole.error());
  Expected<> admissible = peers_.admissible(hello);
  // Only the controller knows who is the newest, and what ends a process is said with a proof.
  const bool tells_replaced = options_.self.role == Role::kController && peers_.was_replaced(hello);
  if (!admissible && !tells_replaced) return refuse(stream, admissible.error());
  if (stream->writing()) return;
  if (tells_replaced) log_refusal(peer_of(hello), stream->remote(), admissible.error());
  Session& session = *stream->session;
  session.other = peer_of(hello);
  std::optional<std::string> key = options_.cluster_secret.key_for(session.other.role, options_.self.role);
  KN_CHECK(key.has_value(), "a daemon started with another role's secret");
  session.key = *std::move(key);
  session.ours = make_hello(session.other);
  session.ours.set_replaced(tells_replaced);
  session.theirs = std::move(hello);
  session.stage = Session::Stage::kProof;
  v1::Frame& frame = stream->new_frame();
  *frame.mutable_hello() = session.ours;
  frame.mutable_hello()->set_proof(make_proof(session.key, "server", session.theirs, session.ours));
  write(*stream);
}

Expected<> GrpcNode::Node::check_partition(PeerId other) const {
  if (!partitions_.cuts_off(other)) return {};
  return fail(ErrorCode::kUnavailable, fmt::format("{} and {} are cut off from each other (kilonova fault partition)",
                                                   to_string(options_.self), to_string(other)));
}

bool GrpcNode::Node::proof_from_dialer(const StreamPtr& stream, const std::string& proof) {
  Session& session = *stream->session;
  std::string expected = make_proof(session.key, "dialer", session.theirs, session.ours);
  if (!same_proof(proof, expected)) {
    refuse(stream, {ErrorCode::kUnauthenticated, fmt::format("{} has another cluster secret than {}",
                                                             to_string(session.other), to_string(options_.self))});
    return false;
  }
  // Again: another stream may have been faster.
  if (Expected<> admissible = peers_.admissible(session.theirs); !admissible) {
    refuse(stream, admissible.error());
    return false;
  }
  attach(stream);
  return true;
}

void GrpcNode::Node::hello_from_server(const StreamPtr& stream, v1::Hello& hello) {
  if (Expected<> spoken = check_hello(hello); !spoken) return refuse(stream, spoken.error());
  Session& session = *stream->session;
  if (peer_of(hello) != session.other) {
    return refuse(stream, {ErrorCode::kConflict, fmt::format("{} was dialed, but {} answered: check the addresses",
                                                             to_string(session.other), to_string(peer_of(hello)))});
  }
  std::optional<std::string> key = options_.cluster_secret.key_for(options_.self.role, session.other.role);
  KN_CHECK(key.has_value(), "a daemon started with another role's secret");
  session.key = *std::move(key);
  if (!same_proof(hello.proof(), make_proof(session.key, "server", session.ours, hello))) {
    return refuse(stream,
                  {ErrorCode::kUnauthenticated, fmt::format("{} has another cluster secret than {}",
                                                            to_string(session.other), to_string(options_.self))});
  }
  if (hello.replaced()) return end_as_replaced(stream);
  // What this process has told it once is not said again to the same process. A new one of ours says all anew.
  if (peers_.has_forgotten_us(hello)) return begin_anew(stream);
  if (Expected<> admissible = peers_.admissible(hello); !admissible) return refuse(stream, admissible.error());
  if (Expected<> whole = check_partition(session.other); !whole) return refuse(stream, whole.error());
  session.proof = make_proof(session.key, "dialer", session.ours, hello);
  session.theirs = std::move(hello);
  attach(stream);
}

void GrpcNode::Node::end_as_replaced(const StreamPtr& stream) {
  if (stream->session->other.role != Role::kController) {
    return refuse(stream, {ErrorCode::kInvalidArgument, "only the controller says that a process was replaced"});
  }
  end_for_good(stream, fmt::format("this process of {} (incarnation {:016x}) was replaced by a newer one; stop it",
                                   to_string(options_.self), options_.incarnation));
}

void GrpcNode::Node::begin_anew(const StreamPtr& stream) {
  end_for_good(stream,
               fmt::format("{} has had another process of {} meanwhile, and has forgotten this one (incarnation "
                           "{:016x}); start it again",
                           to_string(stream->session->other), to_string(options_.self), options_.incarnation));
}

void GrpcNode::Node::end_for_good(const StreamPtr& stream, std::string why) {
  const Error error{ErrorCode::kAlreadyExists, std::move(why)};
  refuse(stream, error);
  if (options_.on_replaced) options_.on_replaced(error);
}

// Also ends a stream that was up.
void GrpcNode::Node::refuse(const StreamPtr& stream, const Error& why) {
  if (PeerState* peer = stream->session->peer) {
    stream->close(grpc::Status(rpc::to_grpc(why.code), why.message));
    detach(*peer, why.message);
    return;
  }
  if (!stream->dialed()) {
    log_refusal(stream->session->other, stream->remote(), why);
    stream->session->stage = Session::Stage::kOver;
  }
  stream->close(grpc::Status(rpc::to_grpc(why.code), why.message));
}

void GrpcNode::Node::greet_next() {
  for (auto next = greeters_.begin(); next != greeters_.end();) {
    const StreamPtr stream = *next;
    std::string source = source_of(stream->remote());
    // Whoever comes through a socket of mode 0600 is no stranger.
    const bool is_stranger = stream->open() && !source.starts_with("unix:");
    if (is_stranger) {
      auto admission = greetings_.take(source);
      if (admission == SourceCounts<std::string>::Admission::kAllInUse) return;
      if (admission == SourceCounts<std::string>::Admission::kSourceInUse) {
        ++next;
        continue;
      }
      stream->session->greeting = {greetings_, std::move(source)};
    }
    next = greeters_.erase(next);
    if (stream->open()) stream->begin_reading();
  }
}

void GrpcNode::Node::end_greeting(Session& session) {
  session.greeting = {};
  if (!stopped_ && !greeters_.empty()) greet_next();
}

void GrpcNode::Node::log_refusal(PeerId other, const std::string& address, const Error& why) {
  std::optional<uint64_t> others = refusals_.admit(source_of(address), why.code, loop_.now());
  if (!others) return;
  constexpr std::string_view what = "a connection was refused";
  std::string peer = other.role != Role::kClient ? to_string(other) : "unknown";
  if (*others == 0) {
    log_.event(LogLevel::kWarning, what, {{"peer", peer}, {"address", address}, {"why", why.message}});
  } else {
    log_.event(LogLevel::kWarning, what,
               {{"peer", peer},
                {"address", address},
                {"why", why.message},
                {"more", fmt::format("{} more were refused since the last such line", *others)}});
  }
}

void GrpcNode::Node::report_failed_dial(const StreamPtr& stream, const Error& why) {
  const PeerId target = stream->session->other;
  bool refused = why.code == ErrorCode::kAlreadyExists || why.code == ErrorCode::kConflict ||
                 why.code == ErrorCode::kUnauthenticated || why.code == ErrorCode::kPermissionDenied;
  std::string& last = last_failure_[target];
  if (last != why.message) {
    last = why.message;
    log_.event(refused ? LogLevel::kError : LogLevel::kWarning, "can't connect, will go on trying",
               {{"peer", to_string(target)}, {"address", stream->remote()}, {"why", why.message}});
  }
  if (refused && options_.on_refused) options_.on_refused(why);
}

}  // namespace kilonova
