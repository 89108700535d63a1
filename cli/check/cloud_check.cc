#include "cli/check/cloud_check.h"

#include <optional>
#include <utility>

namespace kilonova::cli {
namespace {

// Longer than messages between daemons are under way.
constexpr Duration kBetweenLooks = seconds(1);

}  // namespace

Expected<CheckResult> check_cloud(const CheckPorts& ports, Duration settle) {
  const Instant deadline = ports.now() + settle;
  std::optional<audit::Findings> earlier;
  for (;;) {
    bool last = settle == Duration{} ? earlier.has_value() : ports.now() >= deadline;
    Expected<audit::Beliefs> beliefs = ports.look();
    if (!beliefs && (last || settle == Duration{})) return std::unexpected(beliefs.error());
    if (beliefs) {
      CheckResult result{audit::compare(*beliefs), beliefs->silent, false};
      result.waited_in_vain = settle > Duration{} && !result.findings.in_motion.empty();
      // With nothing to wait for, a daemon that is silent or busy is no reason to look again.
      bool enough = settle == Duration{} ? result.findings.discrepancies.empty() : result.clean();
      if (enough) return result;
      if (last && earlier) {
        result.findings.discrepancies = audit::confirmed(*earlier, result.findings);
        return result;
      }
      earlier = std::move(result.findings);
    }
    ports.sleep(kBetweenLooks);
  }
}

}  // namespace kilonova::cli
