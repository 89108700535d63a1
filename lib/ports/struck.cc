#include "ports/struck.h"

#include <utility>

#include "runtime/sleep.h"

namespace kilonova {
namespace {

// Between two looks at whether a rule that hangs was cleared.
constexpr Duration kHangLook = milliseconds(250);

}  // namespace

Task<std::optional<bool>> AskedController::strikes(FaultReached reached) {
  auto verdict = co_await caller_.call_repeatedly<FaultVerdict>(PeerId{Role::kController, 0}, std::move(reached),
                                                                patience_, random_);
  if (!verdict) co_return std::nullopt;
  co_return verdict->strikes;
}

Task<Struck> be_struck(FaultJudge* judge, Loop* loop, std::vector<InjectedFault> faults, FaultReached reached,
                       bool crashes_here) {
  Struck struck;
  for (const InjectedFault& fault : faults) {
    reached.rule_id = fault.rule_id;
    reached.number = judge->next_number();
    const std::optional<bool> strikes = co_await judge->strikes(reached);
    if (!strikes.value_or(false)) continue;
    struck.rule_id = fault.rule_id;
    if (fault.delay.us > 0) co_await sleep_for(*loop, fault.delay);
    struck.drops = struck.drops || fault.effect == FaultEffect::kDrop;
    struck.loses_reply = struck.loses_reply || fault.effect == FaultEffect::kLoseReply;
    const bool waits = fault.effect == FaultEffect::kHang || (fault.effect == FaultEffect::kCrash && crashes_here);
    for (bool held = waits; held;) {
      co_await sleep_for(*loop, kHangLook);
      const std::optional<bool> still = co_await judge->strikes(reached);
      held = still.value_or(true);
    }
    if (!fault.fails) continue;
    struck.fails = fault;
    break;
  }
  co_return struck;
}

}  // namespace kilonova
