#include "api-server/core/controller_calls.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "domain/api.h"
#include "ports/call_number.h"

namespace kilonova::api {
namespace {

std::unexpected<Error> unknown_outcome(std::string_view operation, std::string_view why) {
  return fail(ErrorCode::kDeadlineExceeded,
              fmt::format("{}: {}: the outcome is unknown; look before asking again", operation, why));
}

// Keeps a call's number in the table of open ones for as long as its flow lives.
class OpenEntry {
 public:
  OpenEntry(std::map<uint64_t, bool>& open, uint64_t call, bool read_only) : open_(open), call_(call) {
    open_.emplace_hint(open_.end(), call, read_only);
  }
  OpenEntry(const OpenEntry&) = delete;
  OpenEntry& operator=(const OpenEntry&) = delete;
  ~OpenEntry() { open_.erase(call_); }

 private:
  std::map<uint64_t, bool>& open_;
  uint64_t call_;
};

}  // namespace

ControllerCalls::ControllerCalls(Loop& loop, Transport& transport) : transport_(transport), calls_(loop) {}

Task<Expected<ApiResponse>> ControllerCalls::call(ApiCall message, Duration limit) {
  std::string_view operation = request_name(message.request);
  if (limit <= Duration{})
    co_return fail(ErrorCode::kDeadlineExceeded, fmt::format("{}: the time was up before it began", operation));
  if (!connected_)
    co_return fail(ErrorCode::kUnavailable, fmt::format("{}: the controller is not connected; try again", operation));
  auto pending = calls_.open();
  OpenEntry entry(open_, pending.id(), operation_of(message.request).effect == Effect::kReads);
  if (!transport_.send(kController, Message{call_number(transport_.incarnation(), pending.id()), std::move(message)}))
    co_return fail(ErrorCode::kUnavailable,
                   fmt::format("{}: too much is queued for the controller; try again", operation));
  std::optional<ApiReply> reply = co_await pending.wait_for(limit);
  if (!reply) co_return unknown_outcome(operation, fmt::format("no answer within {} ms", limit.us / 1000));
  co_return std::move(reply->result);
}

void ControllerCalls::on_controller_up(Incarnation incarnation) {
  connected_ = true;
  if (std::exchange(incarnation_, incarnation) == incarnation) return;
  // Whoever was asked is gone, and its answers with it.
  for (auto [call, read_only] : open_) {
    ApiReply lost;
    if (read_only)
      lost.result = fail(ErrorCode::kUnavailable, "the controller restarted before it answered; try again");
    else
      lost.result = unknown_outcome("the call", "the controller restarted before it answered");
    calls_.complete(call, std::move(lost));
  }
}

void ControllerCalls::on_reply(uint64_t number, ApiReply reply) {
  if (auto call = own_call(transport_.incarnation(), number)) calls_.complete(*call, std::move(reply));
}

}  // namespace kilonova::api
