// `--requests-columns`, a zero byte, the requests file of `kilonova replay`.
#include "cli/load/replay_plan.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_requests_file) {
  using namespace kilonova;
  std::string_view columns = fuzz::take_text(bytes);
  for (bool ignore_departures : {false, true}) {
    auto plan = cli::plan_replay(bytes, "requests.csv", columns, ignore_departures);
    if (!plan) {
      KN_CHECK(plan.error().code == ErrorCode::kInvalidArgument, "a wrong file is an invalid argument");
      continue;
    }
    std::vector<int> state(plan->requests.size(), 0);
    Duration last = plan->actions.empty() ? Duration{} : plan->actions.front().time;
    for (const cli::ReplayAction& action : plan->actions) {
      KN_CHECK(action.time >= last, "actions are in order of time");
      KN_CHECK(action.request < plan->requests.size(), "an action is of a request");
      bool launch = action.kind == cli::ReplayAction::Kind::kLaunch;
      KN_CHECK(state[action.request]++ == (launch ? 0 : 1), "launched once, then deleted once at most");
      last = action.time;
    }
    for (const cli::ReplayRequest& request : plan->requests) (void)cli::replay_flavor_name(request);
  }
}
