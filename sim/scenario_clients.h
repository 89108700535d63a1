// The clients of a scenario: each makes one call and repeats it until it is answered, also when the api-server dies under it
// or tells it to come back. What was asked and answered is told to the checkers.
#pragma once

#include <cstdint>
#include <map>

#include "domain/api.h"
#include "runtime/task.h"
#include "sim/checkers/checker_set.h"
#include "sim/cloud.h"

namespace kilonova::sim {

class ScenarioClients {
 public:
  // Both must outlive the calls; the cloud's death ends them.
  ScenarioClients(SimCloud& cloud, CheckerSet& checkers) : cloud_(cloud), checkers_(checkers) {}
  ScenarioClients(const ScenarioClients&) = delete;
  ScenarioClients& operator=(const ScenarioClients&) = delete;

  // The api-server must be alive. `server`: whom a delete or a power action is for. What the server's state forbids is an
  // answer; any other refusal is a violation.
  void call(ApiRequest request, const Uuid& server = {});
  // Calls that have no answer yet.
  size_t waiting() const { return open_.size(); }

 private:
  struct Operation {
    ApiRequest request;
    Uuid server;
  };
  // Lives in the frame of a call: the call is made again when the frame dies without an answer.
  class Attempt;

  static Task<> run(ScenarioClients* clients, uint64_t id);
  void attempt(uint64_t id);
  void retry(uint64_t id);
  void answered(uint64_t id, const Expected<ApiResponse>& result);

  SimCloud& cloud_;
  CheckerSet& checkers_;
  std::map<uint64_t, Operation> open_;
  uint64_t next_id_ = 1;
};

}  // namespace kilonova::sim
