// What clients do: they log in, create servers alone and in batches, stop, start and reboot some, give some of them further
// interfaces, delete many. Each call
// is a flow through the api-server's core; a client whose answer was lost, or who was told to come back, asks again,
// creates with the same client token.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "domain/api.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_move.h"
#include "runtime/task.h"
#include "sim/checkers/acknowledgements.h"
#include "sim/client_history.h"
#include "sim/cloud.h"

namespace kilonova::sim {

struct WorkloadOptions {
  size_t launches = 60;              // servers asked for in all
  Duration duration = seconds(300);  // over which the creates are spread
  double batch = 0.2;                // of the creates ask for several servers,
  uint32_t batch_max = 4;            // up to so many
  double power = 0.3;                // of the servers are stopped, started or rebooted
  double moves = 0.2;                // of the servers are brought to other hosts, or shelved
  double interfaces = 0.3;           // of the servers get interfaces more, most of which are taken away again
  double remove = 0.7;               // of the servers are deleted
  Duration lifetime_max = seconds(200);
  double groups = 0;  // of the creates are in a server group, one of each policy
  Quota quota{.project_id = {}, .instances = -1, .cores = -1, .ram_mb = -1, .server_group_members = -1};
  std::vector<FaultRule> rules;  // as `kilonova fault add` makes them
  bool reclaims = false;         // a delete is one for a while, in which the server may be restored
};

struct WorkloadCounters {
  uint64_t creates_answered = 0;  // calls
  uint64_t servers_created = 0;
  uint64_t servers_refused = 0;  // by quota
  uint64_t servers_deleted = 0;
  uint64_t power_actions = 0;
  uint64_t power_conflicts = 0;  // the state forbade it
  uint64_t interfaces = 0;       // attached and detached
  uint64_t resets = 0;           // of the cloud
  uint64_t retries = 0;
};

class Workload {
 public:
  // The cloud must outlive it, and its nodes must be dead before it is: destroying it kills them.
  Workload(SimCloud& cloud, WorkloadOptions options, AcknowledgementChecker& acknowledgements, Violations& violations,
           ClientHistory& history);
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  void start();
  // A client asks this too, of this server.
  void ask(ApiRequest request, const Uuid& server) { submit({.request = std::move(request), .server = server}); }
  // An operator makes the cloud what it was at first, unless one is about to. Clients go on with what they do.
  void reset_cloud();
  // The fault rules are over: what hangs goes on.
  void clear_rules();
  // Told +1 when a create call comes to the api-server, and -1 when it ends, with its answer or without.
  void on_create_called(std::function<void(int)> watcher) { create_called_ = std::move(watcher); }
  // Every call that clients wanted to make was answered.
  // More servers are to be asked for.
  bool arrives() const { return creates_left_ > 0; }
  bool finished() const { return creates_left_ == 0 && open_.empty() && planned_ == 0; }
  const WorkloadCounters& counters() const { return counters_; }
  // Why calls were refused for good, other than by quota and state; empty in a cloud without bugs.
  const std::map<std::string, uint64_t>& refusals() const { return refusals_; }

 private:
  // A call that a client makes until it is answered.
  struct Operation {
    ApiRequest request;
    Uuid server;         // of deletes and power actions
    uint32_t asked = 0;  // servers, of creates
    bool setup = false;
  };
  // Lives in the frame of a call: tells when the frame dies without an answer.
  class Attempt;

  void set_up();
  // The quota and the fault rules.
  void set_rules(bool first);
  void was_reset(const std::string& token);
  void next_arrival();
  void submit(Operation operation);
  bool is_create(uint64_t id) const;
  void plan(Duration delay, Operation operation);
  void attempt(uint64_t id);
  static Task<> call(Workload* workload, uint64_t id);
  void retry(uint64_t id);
  void answered(uint64_t id, Expected<ApiResponse> result);
  void created(const CreateServersReply& reply, uint32_t asked);
  void follow_up(const Uuid& server);
  void abort_migrations(const Uuid& server, const MigrationList& list);
  void plan_interfaces(const Uuid& server, Duration lifetime);
  void attached(const Uuid& server, const ServerList& reply);
  void refused(uint64_t id, Operation& operation, const Error& error);
  Duration up_to(Duration limit);
  static Duration up_to(Duration limit, Random& random);

  SimCloud& cloud_;
  WorkloadOptions options_;
  AcknowledgementChecker& acknowledgements_;
  Violations& violations_;
  ClientHistory& history_;
  Random random_;
  Random group_random_;
  Random interface_random_;
  Random abort_random_;
  std::vector<Uuid> groups_;  // as they were answered
  std::map<uint64_t, Operation> open_;
  uint64_t next_operation_ = 1;
  uint64_t setup_left_ = 0;
  size_t creates_left_;
  size_t planned_ = 0;
  std::string token_;
  WorkloadCounters counters_;
  std::map<std::string, uint64_t> refusals_;
  std::function<void(int)> create_called_;
  bool resetting_ = false;
  bool rules_over_ = false;
};

}  // namespace kilonova::sim
