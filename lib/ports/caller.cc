#include "ports/caller.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/backoff.h"
#include "base/sometimes.h"
#include "domain/api.h"
#include "ports/call_number.h"

namespace kilonova {
namespace {

bool changes_nothing(const Message::Body& request) {
  const auto* call = get_if<ApiCall>(&request);
  return call != nullptr && operation_of(call->request).effect == Effect::kReads;
}

Error not_connected(PeerId peer) { return {ErrorCode::kUnavailable, to_string(peer) + " is not connected"}; }

constexpr const char* kUnknown = "the outcome is unknown; look before asking again";

Error no_answer(PeerId peer, Duration timeout) {
  return {ErrorCode::kDeadlineExceeded,
          fmt::format("{} did not answer within {} ms: {}", to_string(peer), timeout.us / 1000, kUnknown)};
}

Error restarted(PeerId peer, bool changes_nothing) {
  std::string what = to_string(peer) + " restarted before it answered";
  if (changes_nothing) return {ErrorCode::kUnavailable, what + "; try again"};
  return {ErrorCode::kDeadlineExceeded, fmt::format("{}: {}", what, kUnknown)};
}

}  // namespace

class Caller::Entry {
 public:
  Entry(Caller& caller, uint64_t id, OpenCall& call) : caller_(caller), id_(id) {
    caller_.open_.emplace_hint(caller_.open_.end(), id_, &call);
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() { caller_.open_.erase(id_); }

 private:
  Caller& caller_;
  uint64_t id_;
};

Task<Expected<Message::Body>> Caller::ask(PeerId to, Message::Body request, Duration timeout) {
  if (timeout <= Duration{}) co_return fail(ErrorCode::kDeadlineExceeded, "the time was up before it began");
  if (!is_connected(to)) co_return std::unexpected(not_connected(to));
  const bool reads = changes_nothing(request);
  auto pending = pending_.open();
  const uint64_t number = call_number(transport_.incarnation(), pending.id());
  OpenCall call{.to = to, .message = {}};
  Entry entry(*this, pending.id(), call);
  if (!transport_.send(to, Message{number, std::move(request)}))
    co_return fail(ErrorCode::kUnavailable, "too much is queued for " + to_string(to));
  std::optional<Answer> answer = co_await pending.wait_for(timeout);
  if (!answer) KN_SOMETIMES("caller: a deadline was missed");
  if (!answer) co_return std::unexpected(no_answer(to, timeout));
  if (!answer->body) co_return std::unexpected(restarted(to, reads));
  co_return *std::move(answer->body);
}

Task<Expected<Message::Body>> Caller::ask_repeatedly(PeerId to, Message::Body request, Duration timeout,
                                                     Random& random) {
  auto pending = pending_.open();
  const uint64_t number = call_number(transport_.incarnation(), pending.id());
  OpenCall call{.to = to, .message = {number, std::move(request)}, .repeats = true};
  Entry entry(*this, pending.id(), call);
  const Instant deadline = loop_.now() + timeout;
  Backoff backoff(timeout, random);
  for (Duration left = timeout; left > Duration{}; left = deadline - loop_.now()) {
    send(call);
    std::optional<Answer> answer = co_await pending.wait_for(std::min(left, backoff.next()));
    if (answer) co_return *std::move(answer->body);
    KN_SOMETIMES("caller: a call is asked again");
  }
  if (!call.sent) co_return std::unexpected(not_connected(to));
  co_return std::unexpected(no_answer(to, timeout));
}

void Caller::on_peer_up(const Peer& peer) {
  PeerState& state = peers_[peer.id];
  state.connected = true;
  if (std::exchange(state.incarnation, peer.incarnation) == peer.incarnation) return;
  for (auto& [id, call] : open_) {
    if (call->to != peer.id) continue;
    if (call->repeats) {
      KN_SOMETIMES("caller: a call is asked again of a peer that restarted");
      send(*call);
    } else {
      KN_SOMETIMES("caller: a call ends because its peer restarted");
      pending_.complete(id, {});
    }
  }
}

void Caller::on_peer_down(const Peer& peer) { peers_[peer.id].connected = false; }

bool Caller::complete(PeerId from, uint64_t number, Message::Body body) {
  auto call = own_call(transport_.incarnation(), number);
  if (!call) {
    KN_SOMETIMES("caller: an answer to a call of an earlier life");
    return false;
  }
  auto asked = open_.find(*call);
  if (asked == open_.end()) KN_SOMETIMES("caller: an answer that nobody waits for any more");
  return asked != open_.end() && asked->second->to == from && pending_.complete(*call, {std::move(body)});
}

bool Caller::is_connected(PeerId peer) const {
  auto known = peers_.find(peer);
  return known != peers_.end() && known->second.connected;
}

void Caller::send(OpenCall& call) { call.sent = transport_.send(call.to, call.message) || call.sent; }

Error Caller::wrong_reply(PeerId from) {
  return {ErrorCode::kDeadlineExceeded, fmt::format("{} answered something else: {}", to_string(from), kUnknown)};
}

}  // namespace kilonova
