// What consumers' allocations are to be: read from a body, checked against the ledger, and written into it, all or
// nothing (placement/objects/allocation.py replace_all).
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/placement/ledger.h"
#include "api-server/front/openstack/schema.h"
#include "runtime/task.h"

namespace kilonova::api::openstack {

struct AllocationRequest {
  std::string consumer;                        // uuid
  std::map<std::string, Amounts> allocations;  // by the provider's uuid; none = all that it has goes
  std::string project_id;
  std::string user_id;
  std::string type;                         // "" = none is said
  std::optional<uint64_t> generation = {};  // that its writer knew, from 1.28 on; nothing: it is new
};

// The body of PUT /allocations/{consumer}, in any microversion; {consumer: that} of POST, `least` consumers or more.
const Rule& allocation_rule(const Call& call);
Rule allocations_rule(size_t least);
// Of bodies that followed the rules. 400 for keys that are no uuids after all.
std::expected<AllocationRequest, Refusal> allocation_request(const Call& call, const std::string& consumer,
                                                             const Json& body);
std::expected<std::vector<AllocationRequest>, Refusal> allocation_requests(const Call& call, const Json& body);

// Changes of a ledger that are written together in the end.
class LedgerEdit {
 public:
  // The ledger must outlive it; after a refusal it is good for nothing.
  LedgerEdit(const Call& call, Ledger& ledger) : call_(call), ledger_(ledger) {}

  // 400 for a provider or class that there is not; 409 for one who knew an older generation
  // (placement.concurrent_update), and where there is no room.
  Checked allocate(const std::vector<AllocationRequest>& requests);
  void touch(Provider& provider);  // one generation later
  LedgerChange change() const;

 private:
  Checked check_consumer(const AllocationRequest& request) const;
  Checked check_providers(const AllocationRequest& request) const;
  Checked check_known_classes(const AllocationRequest& request) const;
  // Gives back what the consumer has.
  void give_back(const std::string& consumer);
  Checked take(const AllocationRequest& request, const std::string& provider, const Amounts& amounts);
  void write(const AllocationRequest& request);

  const Call& call_;
  Ledger& ledger_;
  std::set<std::string> providers_;  // that are changed, by uuid
  std::set<std::string> consumers_;
  std::vector<StoredObject> gone_;  // records of consumers
};

// 409 where one of them is a server: what those take is the cloud's affair.
Task<Checked> check_no_servers(Call& call, const std::vector<AllocationRequest>& requests);

}  // namespace kilonova::api::openstack
