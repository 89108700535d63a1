// HttpFaults: the fault rules of HTTP requests (kilonova fault add --http), as the controller says that they are. Which
// request one strikes the controller decides, so that it counts in the whole cloud. Loop thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/messages.h"
#include "domain/nouns/fault_rule.h"
#include "ports/log.h"
#include "ports/struck.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::api {

// What becomes of a request; delays are over.
struct StruckRequest {
  std::optional<FaultRule> fails;  // it is refused as this one says
  bool drops = false;              // it is not done, and not answered
  bool loses_reply = false;        // it is done, and not answered
};

class HttpFaultRules {
 public:
  HttpFaultRules(Loop& loop, Log& log, Caller& caller)
      : loop_(loop), log_(log), judge_(caller, Random(0, "api", "fault rules"), seconds(10)) {}

  void take(std::vector<FaultRule> rules) { rules_ = std::move(rules); }
  bool empty() const { return rules_.empty(); }

  // `path`: of the request, without a project of Nova's paths. `project`: of the token, nil without one.
  Task<StruckRequest> strike(std::string method, std::vector<std::string> path, Uuid project);

 private:
  Loop& loop_;
  Log& log_;
  AskedController judge_;
  std::vector<FaultRule> rules_;
};

}  // namespace kilonova::api
