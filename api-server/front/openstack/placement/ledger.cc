#include "api-server/front/openstack/placement/ledger.h"

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/compute/hosts.h"
#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/standard_names.h"
#include "api-server/front/openstack/schema.h"
#include "domain/nouns/aggregate.h"
#include "domain/nouns/host.h"
#include "domain/nouns/service.h"
#include "runtime/sleep.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kVcpu = "VCPU", kMemory = "MEMORY_MB", kDisk = "DISK_GB";
constexpr std::string_view kDisabledTrait = "COMPUTE_STATUS_DISABLED";

// What Nova's resource tracker says of a host: it may give all of a class to one server, and no more.
Inventory inventory_of(int64_t total, double ratio, int64_t used) {
  return {.total = total, .max_unit = std::max<int64_t>(total, 1), .allocation_ratio = ratio, .used = used};
}

Provider provider_of(const HostView& host, const AllocationRatios& ratios) {
  Provider provider;
  provider.is_host = true;
  provider.uuid = hypervisor_uuid(host.host.name);
  provider.name = host.host.name;
  provider.changed = host.host.created_at;
  const Resources& total = host.host.total;
  // A class of which there is nothing has no inventory.
  auto add = [&](std::string_view name, int64_t amount, double ratio, int64_t used) {
    if (amount > 0) provider.inventories.emplace(name, inventory_of(amount, ratio, used));
  };
  add(kVcpu, total.vcpus, ratios.vcpus, host.used.vcpus);
  add(kMemory, total.memory_mb, ratios.memory, host.used.memory_mb);
  add(kDisk, total.disk_gb, ratios.disk, host.used.disk_gb);
  for (std::string_view trait : compute_traits()) provider.own_traits.emplace(trait);
  if (!host.host.enabled) provider.own_traits.emplace(kDisabledTrait);
  provider.traits.insert(provider.own_traits.begin(), provider.own_traits.end());
  return provider;
}

Inventory inventory_from(const Json& stored) {
  auto number = [&](std::string_view key, int64_t otherwise) { return integer_at(stored, key, otherwise); };
  const Json* ratio = member(stored, "allocation_ratio");
  return {.total = number("total", 0),
          .reserved = number("reserved", 0),
          .min_unit = number("min_unit", 1),
          .max_unit = number("max_unit", kMaxAmount),
          .step_size = std::max<int64_t>(number("step_size", 1), 1),
          .allocation_ratio = ratio != nullptr && ratio->is_number() ? ratio->get<double>() : 1.0};
}

const Json& list_at(const Json& object, std::string_view key) {
  static const Json kNone = Json::array();
  const Json* list = member(object, key);
  return list != nullptr && list->is_array() ? *list : kNone;
}

// What is stored of a provider, on top of what a host has of its own.
void add_stored(Provider& provider, StoredObject record) {
  const Json& body = record.body;
  provider.generation = static_cast<uint64_t>(integer_at(body, "generation", 0));
  if (!provider.is_host) provider.name = text_at(body, "name");
  provider.parent_uuid = text_at(body, "parent");
  for (const Json& stored : list_at(body, "inventories"))
    provider.inventories.emplace(text_at(stored, "resource_class"), inventory_from(stored));
  for (const Json& trait : list_at(body, "traits"))
    if (trait.is_string()) provider.traits.insert(trait.get<std::string>());
  for (const Json& aggregate : list_at(body, "aggregates"))
    if (aggregate.is_string()) provider.aggregate_uuids.insert(aggregate.get<std::string>());
  provider.changed = std::max(provider.changed, record.updated_at);
  record.body = Json();  // it is read
  provider.record = std::move(record);
}

Consumer consumer_from(StoredObject record) {
  const Json& body = record.body;
  Consumer consumer{.uuid = record.id,
                    .project_id = text_at(body, "project_id"),
                    .user_id = text_at(body, "user_id"),
                    .type = text_at(body, "consumer_type"),
                    .generation = static_cast<uint64_t>(integer_at(body, "generation", 0)),
                    .allocations = {},
                    .record = {}};
  for (const Json& one : list_at(body, "allocations"))
    consumer.allocations[text_at(one, "provider")][text_at(one, "resource_class")] = integer_at(one, "amount", 0);
  record.body = Json();
  consumer.record = std::move(record);
  return consumer;
}

Task<std::expected<AllocationRatios, Refusal>> ratios_of(Call& call) {
  auto status = co_await ask(call, GetCloudStatus{});
  if (!status) co_return std::unexpected(std::move(status.error()));
  AllocationRatios ratios;  // Nova's, until a scheduler was heard
  if (status->cpu_allocation_ratio > 0)
    ratios = {status->cpu_allocation_ratio, status->ram_allocation_ratio, status->disk_allocation_ratio};
  co_return ratios;
}

// Hosts, with Nova's host aggregates.
Task<Checked> read_hosts(Call& call, Ledger& ledger) {
  auto ratios = co_await ratios_of(call);
  if (!ratios) co_return std::unexpected(std::move(ratios.error()));
  auto hosts = co_await all_hosts(call);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  auto aggregates = co_await ask_all(call, ListAggregates{}, &AggregateList::aggregates,
                                     [](const Aggregate& aggregate) { return std::to_string(aggregate.id); });
  if (!aggregates) co_return std::unexpected(std::move(aggregates.error()));
  std::map<std::string_view, std::vector<std::string>> by_host;
  for (const Aggregate& aggregate : *aggregates)
    for (const std::string& host : aggregate.hosts) by_host[host].push_back(to_string(aggregate.uuid));
  for (const HostView& host : *hosts) {
    Provider provider = provider_of(host, *ratios);
    if (auto in = by_host.find(host.host.name); in != by_host.end()) {
      provider.own_aggregates.insert(in->second.begin(), in->second.end());
      provider.aggregate_uuids = provider.own_aggregates;
    }
    ledger.places.emplace(provider.uuid, ledger.providers.size());
    ledger.providers.push_back(std::move(provider));
    if (ledger.providers.size() % kProvidersAtOnce == 0) co_await let_others_go(call);
  }
  co_return Checked();
}

void add_providers(Ledger& ledger, std::vector<StoredObject> records) {
  for (StoredObject& record : records) {
    if (Provider* host = ledger.find(record.id); host != nullptr) {
      add_stored(*host, std::move(record));
      continue;
    }
    if (member(record.body, "host") != nullptr) continue;  // of a host that is gone
    Provider provider;
    provider.uuid = record.id;
    add_stored(provider, std::move(record));
    ledger.places.emplace(provider.uuid, ledger.providers.size());
    ledger.providers.push_back(std::move(provider));
  }
}

// Parents and roots by place, aggregates by number, and what consumers use.
void connect(Ledger& ledger) {
  for (Provider& provider : ledger.providers) {
    auto parent = ledger.places.find(provider.parent_uuid);
    if (parent == ledger.places.end()) provider.parent_uuid.clear();  // it went with its host
    provider.parent = parent == ledger.places.end() ? kNoParent : static_cast<uint32_t>(parent->second);
    for (const std::string& uuid : provider.aggregate_uuids) {
      auto [number, is_new] = ledger.aggregate_numbers.emplace(uuid, ledger.aggregate_numbers.size());
      provider.aggregates.insert(number->second);
    }
  }
  for (size_t place = 0; place < ledger.providers.size(); ++place) {
    auto root = static_cast<uint32_t>(place);
    for (size_t steps = 0; ledger.providers[root].parent != kNoParent && steps < ledger.providers.size(); ++steps)
      root = ledger.providers[root].parent;
    ledger.providers[place].root = root;
  }
  for (const auto& [uuid, consumer] : ledger.consumers) {
    for (const auto& [provider_uuid, amounts] : consumer.allocations) {
      Provider* provider = ledger.find(provider_uuid);
      for (const auto& [resource_class, amount] : amounts)
        if (provider != nullptr && provider->inventories.contains(resource_class))
          provider->inventories.find(resource_class)->second.used += amount;
    }
  }
}

ApiRecord record_of(std::string_view kind, const StoredObject& known, std::string id, std::string owner,
                    std::string unique_name, const Json& body) {
  return {.kind = std::string(kind),
          .id = std::move(id),
          .owner = std::move(owner),
          .unique_name = std::move(unique_name),
          .body = to_text(body),
          .revision = known.revision,
          .created_at = {},
          .updated_at = {}};
}

}  // namespace

Provider* Ledger::find(std::string_view uuid) {
  auto place = places.find(uuid);
  return place == places.end() ? nullptr : &providers[place->second];
}

const Provider* Ledger::find(std::string_view uuid) const {
  auto place = places.find(uuid);
  return place == places.end() ? nullptr : &providers[place->second];
}

bool Ledger::has_class(const std::string& name) const { return is_standard_class(name) || classes.contains(name); }

bool Ledger::has_trait(const std::string& name) const { return is_standard_trait(name) || traits.contains(name); }

int64_t Ledger::number_of(const std::string& aggregate_uuid) const {
  auto number = aggregate_numbers.find(aggregate_uuid);
  return number == aggregate_numbers.end() ? -1 : number->second;
}

ProviderForest Ledger::forest() const {
  ProviderForest forest;
  forest.reserve(providers.size());
  for (const Provider& provider : providers) forest.push_back(&provider);
  return forest;
}

bool is_of_servers(std::string_view resource_class) {
  return resource_class == kVcpu || resource_class == kMemory || resource_class == kDisk;
}

Task<std::expected<std::vector<Consumer>, Refusal>> all_consumers(Call& call) {
  auto records = co_await all_objects(call, kConsumerKind);
  if (!records) co_return std::unexpected(std::move(records.error()));
  std::vector<Consumer> consumers;
  for (StoredObject& record : *records) consumers.push_back(consumer_from(std::move(record)));
  co_return consumers;
}

Task<std::expected<std::map<std::string, StoredObject>, Refusal>> all_names(Call& call, std::string_view kind) {
  auto records = co_await all_objects(call, kind);
  if (!records) co_return std::unexpected(std::move(records.error()));
  std::map<std::string, StoredObject> names;
  for (StoredObject& record : *records) {
    std::string name = record.id;
    names.emplace(std::move(name), std::move(record));
  }
  co_return names;
}

Task<> let_others_go(Call& call) { co_await sleep_for(call.loop, Duration{}); }

Task<> forget(Call& call, Ledger ledger) {
  ledger.places.clear();
  while (!ledger.providers.empty()) {
    ledger.providers.resize(ledger.providers.size() - std::min(ledger.providers.size(), kProvidersAtOnce));
    co_await let_others_go(call);
  }
}

Task<std::expected<Ledger, Refusal>> read_ledger(Call& call) {
  Ledger ledger;
  if (Checked hosts = co_await read_hosts(call, ledger); !hosts) co_return std::unexpected(std::move(hosts.error()));
  auto providers = co_await all_objects(call, kProviderKind);
  if (!providers) co_return std::unexpected(std::move(providers.error()));
  add_providers(ledger, std::move(*providers));
  auto consumers = co_await all_consumers(call);
  if (!consumers) co_return std::unexpected(std::move(consumers.error()));
  for (Consumer& consumer : *consumers) {
    std::string uuid = consumer.uuid;
    ledger.consumers.emplace(std::move(uuid), std::move(consumer));
  }
  auto classes = co_await all_names(call, kClassKind);
  if (!classes) co_return std::unexpected(std::move(classes.error()));
  ledger.classes = std::move(*classes);
  auto traits = co_await all_names(call, kTraitKind);
  if (!traits) co_return std::unexpected(std::move(traits.error()));
  ledger.traits = std::move(*traits);
  connect(ledger);
  co_return ledger;
}

void put(LedgerChange& change, const Provider& provider) {
  // Lists, not objects: how many members those may have is bounded (json.h).
  Json body{{"generation", provider.generation}};
  if (provider.is_host)
    body["host"] = provider.name;
  else
    body["name"] = provider.name;
  if (!provider.parent_uuid.empty()) body["parent"] = provider.parent_uuid;
  Json& inventories = body["inventories"] = Json::array();
  for (const auto& [name, inventory] : provider.inventories)
    if (!provider.is_host || !is_of_servers(name))
      inventories.push_back({{"resource_class", name},
                             {"total", inventory.total},
                             {"reserved", inventory.reserved},
                             {"min_unit", inventory.min_unit},
                             {"max_unit", inventory.max_unit},
                             {"step_size", inventory.step_size},
                             {"allocation_ratio", inventory.allocation_ratio}});
  Json& traits = body["traits"] = Json::array();
  for (const std::string& trait : provider.traits)
    if (!provider.own_traits.contains(trait)) traits.push_back(trait);
  Json& aggregates = body["aggregates"] = Json::array();
  for (const std::string& aggregate : provider.aggregate_uuids)
    if (!provider.own_aggregates.contains(aggregate)) aggregates.push_back(aggregate);
  change.put.push_back(record_of(kProviderKind, provider.record, provider.uuid, "",
                                 provider.is_host ? std::string() : provider.name, body));
}

void put(LedgerChange& change, const Consumer& consumer) {
  Json body{{"project_id", consumer.project_id},
            {"user_id", consumer.user_id},
            {"consumer_type", consumer.type},
            {"generation", consumer.generation}};
  Json& allocations = body["allocations"] = Json::array();
  for (const auto& [provider, amounts] : consumer.allocations)
    for (const auto& [resource_class, amount] : amounts)
      allocations.push_back({{"provider", provider}, {"resource_class", resource_class}, {"amount", amount}});
  change.put.push_back(record_of(kConsumerKind, consumer.record, consumer.uuid, "", "", body));
}

void erase(LedgerChange& change, std::string_view kind, const StoredObject& record) {
  change.erase.push_back(record_of(kind, record, record.id, "", "", Json()));
}

void put_name(LedgerChange& change, std::string_view kind, const std::string& name) {
  change.put.push_back(record_of(kind, {}, name, "", "", Json::object()));
}

Task<Checked> commit(Call& call, LedgerChange change) {
  Expected<ApiRecordList> done = co_await call.core.ask_own(call.meta, std::move(change));
  if (done) co_return Checked();
  bool was_late = done.error().code == ErrorCode::kConflict || done.error().code == ErrorCode::kAlreadyExists ||
                  done.error().code == ErrorCode::kNotFound;
  if (!was_late) co_return std::unexpected(refusal_of(done.error()));
  co_return refused_with(409, kConcurrentUpdate,
                         "Another thread concurrently updated the data. Please retry your update");
}

Task<Answered> remove_record(Call& call, std::string_view kind, StoredObject record) {
  LedgerChange change;
  erase(change, kind, record);
  if (Checked done = co_await commit(call, std::move(change)); !done)
    co_return std::unexpected(std::move(done.error()));
  co_return nothing_to_say();
}

}  // namespace kilonova::api::openstack
