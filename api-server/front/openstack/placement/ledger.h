// What Placement knows, read together for one request: hosts and their servers are the controller's truth, all else
// stands in records of this front (docs/adr/0026-placement.md).
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/records.h"
#include "base/time.h"
#include "domain/granular_candidates.h"
#include "domain/nouns/api_record.h"
#include "runtime/task.h"

namespace kilonova::api::openstack {

struct Provider : TreeProvider {
  std::string uuid;
  uint64_t generation = 0;  // of what this front stores of it
  std::string parent_uuid;  // "" = it is a root
  std::set<std::string> aggregate_uuids;
  bool is_host = false;
  // Of a host: what it has of its own, beside what is stored.
  std::set<std::string> own_traits;
  std::set<std::string> own_aggregates;
  WallTime changed;
  StoredObject record;  // of revision 0: nothing is stored
};

// Whoever takes something and is no server.
struct Consumer {
  std::string uuid;
  std::string project_id;
  std::string user_id;
  std::string type;  // "" = it was written before 1.38
  uint64_t generation = 0;
  std::map<std::string, Amounts> allocations;  // by the provider's uuid
  StoredObject record;
};

struct Ledger {
  std::vector<Provider> providers;  // hosts in the order of their registration, then the others by uuid
  std::map<std::string, size_t, std::less<>> places;    // by uuid
  std::map<std::string, Consumer> consumers;            // by uuid
  std::map<std::string, StoredObject> classes, traits;  // custom ones, by name
  std::map<std::string, int64_t> aggregate_numbers;     // by uuid: what TreeProvider::aggregates has

  Provider* find(std::string_view uuid);
  const Provider* find(std::string_view uuid) const;
  const std::string& root_uuid_of(const Provider& provider) const { return providers[provider.root].uuid; }
  bool has_class(const std::string& name) const;
  bool has_trait(const std::string& name) const;
  // A number that no provider's aggregate has for an aggregate that none is in.
  int64_t number_of(const std::string& aggregate_uuid) const;
  ProviderForest forest() const;
};

// After so many providers others have their turn: a cloud may have a hundred thousand.
inline constexpr size_t kProvidersAtOnce = 500;
Task<> let_others_go(Call& call);

// Errors: the controller's.
Task<std::expected<Ledger, Refusal>> read_ledger(Call& call);
// As its end would, but with others having their turn.
Task<> forget(Call& call, Ledger ledger);
// Those of the records alone, by uuid.
Task<std::expected<std::vector<Consumer>, Refusal>> all_consumers(Call& call);
// Classes or traits of ones own, by name; `kind`: one of those below.
Task<std::expected<std::map<std::string, StoredObject>, Refusal>> all_names(Call& call, std::string_view kind);

// Placement's three classes that servers take of a host: the controller's affair.
bool is_of_servers(std::string_view resource_class);

// What is to be written together. `put` of a provider or consumer as it is to be from now on, its generation included.
using LedgerChange = ChangeApiRecords;
void put(LedgerChange& change, const Provider& provider);
void put(LedgerChange& change, const Consumer& consumer);
void erase(LedgerChange& change, std::string_view kind, const StoredObject& record);
inline constexpr std::string_view kProviderKind = "placement-provider";
inline constexpr std::string_view kConsumerKind = "placement-consumer";
inline constexpr std::string_view kClassKind = "placement-class";
inline constexpr std::string_view kTraitKind = "placement-trait";
// A class or trait of ones own.
void put_name(LedgerChange& change, std::string_view kind, const std::string& name);

// All or nothing. 409 placement.concurrent_update where another was faster with one of them.
Task<Checked> commit(Call& call, LedgerChange change);
// This record alone goes: 204, or as commit.
Task<Answered> remove_record(Call& call, std::string_view kind, StoredObject record);

}  // namespace kilonova::api::openstack
