// Calls to the controller: one message out, one ApiReply back, found by its number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/error.h"
#include "domain/messages.h"
#include "ports/transport.h"
#include "runtime/pending_calls.h"

namespace kilonova::api {

// Loop thread only; must outlive the flows that call.
class ControllerCalls {
 public:
  ControllerCalls(Loop& loop, Transport& transport);

  // The controller's answer, whatever it is, or
  //   kUnavailable: the controller is not connected, or restarted during a call that changes nothing. Nothing was done.
  //   kDeadlineExceeded: no answer within the limit, or the controller restarted during a call that changes something.
  //   The outcome is unknown.
  Task<Expected<ApiResponse>> call(ApiCall message, Duration limit);

  void on_controller_up(Incarnation incarnation);
  void on_controller_down() { connected_ = false; }
  // An answer to a call of an earlier life of this process is nobody's.
  void on_reply(uint64_t number, ApiReply reply);

  // Calls without an answer yet.
  size_t open() const { return open_.size(); }

 private:
  static constexpr PeerId kController{Role::kController, 0};

  Transport& transport_;
  PendingCalls<ApiReply> calls_;
  std::map<uint64_t, bool> open_;  // by number: does it change nothing?
  Incarnation incarnation_ = 0;
  bool connected_ = false;
};

}  // namespace kilonova::api
