// FaultDesk: who decides whether a fault rule strikes. Daemons ask when something of theirs has come to where a rule may
// strike; the controller's own flows ask here. Each decision is committed before it is told, so that counts are exact
// whoever dies: who asks again gets the same answer. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "controller/core/controller_world.h"
#include "domain/messages.h"
#include "ports/struck.h"

namespace kilonova::controller {

// Held from a decision until its commit, so that each sees what the one before has left.
inline constexpr std::string_view kFaultLock = "fault";

class FaultDesk final : public FaultJudge {
 public:
  explicit FaultDesk(ControllerWorld& world) : world_(world) {}

  // For this controller's own flows.
  Task<std::optional<bool>> strikes(FaultReached reached) override;
  // Answers a daemon's call; not when the store refuses the decision: it asks again.
  Task<> answer(Peer from, uint64_t call, FaultReached reached);

  // The rules of HTTP requests: to every api-server, or to the one that has come.
  void tell_http_rules();
  void tell_http_rules(PeerId api);

  // Since this controller began: "delay", "fail", "abort", or the effect's own name.
  const std::map<std::string, uint64_t>& strikes_by_effect() const { return strikes_by_effect_; }

 private:
  Task<std::optional<bool>> decide(Peer from, FaultReached reached);
  // Decisions on work that is over, a few at a time.
  void forget_some(Transaction& transaction, std::vector<FaultBook::HitKey>& forgotten);
  bool is_over(const FaultHit& hit) const;
  // It has struck.
  void tell(const FaultRule& rule, const Peer& from, const FaultReached& reached);
  void crash(const FaultRule& rule, const Peer& from, const FaultReached& reached);

  ControllerWorld& world_;
  FaultBook::HitKey looked_at_;
  std::map<Incarnation, uint64_t> last_calls_;  // the highest number of a question about no server, by who asks
  std::map<std::string, uint64_t> strikes_by_effect_;
};

}  // namespace kilonova::controller
