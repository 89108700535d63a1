#include "api-server/front/openstack/placement/allocation_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/provider_view.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/servers.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kUuidPattern = "^[0-9a-fA-F-]{36}$", kWordPattern = "^[A-Z0-9_]+$";
// Whose an allocation is of which nobody said it, before 1.8.
constexpr std::string_view kNobody = "00000000-0000-0000-0000-000000000000";

Rule resources_rule() { return keyed(&is_upper_word, std::string(kWordPattern), whole(1), 1); }

// {suffix: [provider...]}: taken and not kept, as in Placement.
Rule mappings_rule() {
  return [providers = list_of(uuid_in_form(), 1)](const Json& value, const std::string& field,
                                                  Minor minor) -> std::optional<Failure> {
    if (auto wrong = map_of(anything())(value, field, minor)) return wrong;
    if (value.empty()) return Failure{field, "{}", "{} does not have enough properties"};
    for (const auto& [suffix, list] : value.items())
      if (!suffix.empty())
        if (auto wrong = providers(list, suffix, minor)) return wrong;
    return std::nullopt;
  };
}

// From 1.12 on. `least`: providers.
Rule consumer_rule(size_t least) {
  Rule of_provider = object({{"generation", whole(INT64_MIN, INT64_MAX)}, {"resources", resources_rule(), true}});
  return object({{"allocations", keyed(&is_uuid_key, std::string(kUuidPattern), of_provider, least), true},
                 {"project_id", text(1, 255), true},
                 {"user_id", text(1, 255), true},
                 {"consumer_generation", null_or(whole(INT64_MIN, INT64_MAX)), true, v1(28)},
                 {"mappings", mappings_rule(), false, v1(34)},
                 {"consumer_type", upper_word(), true, v1(38)}});
}

// Before 1.12: a list.
Rule old_rule() {
  Rule one = object(
      {{"resource_provider", object({{"uuid", uuid_in_form(), true}}), true}, {"resources", resources_rule(), true}});
  return object({{"allocations", list_of(one, 1), true},
                 {"project_id", text(1, 255), true, v1(8)},
                 {"user_id", text(1, 255), true, v1(8)}});
}

Amounts amounts_from(const Json& resources) {
  Amounts amounts;
  for (const auto& [name, amount] : resources.items()) amounts[name] = amount.get<int64_t>();
  return amounts;
}

std::string or_nobody(std::string id) { return id.empty() ? std::string(kNobody) : id; }

std::unexpected<Refusal> no_room(const std::string& name, const Provider& provider, std::string_view why) {
  return refused(409, fmt::format("Unable to allocate inventory: Unable to create allocation for '{}' on resource "
                                  "provider '{}'. The requested amount would {}.",
                                  name, provider.uuid, why));
}

}  // namespace

const Rule& allocation_rule(const Call& call) {
  static const Rule old = old_rule(), one_or_more = consumer_rule(1), any = consumer_rule(0);
  if (!is_since(call, 12)) return old;
  return is_since(call, 28) ? any : one_or_more;
}

Rule allocations_rule(size_t least) { return keyed(&is_uuid_key, std::string(kUuidPattern), consumer_rule(0), least); }

std::expected<AllocationRequest, Refusal> allocation_request(const Call& call, const std::string& consumer,
                                                             const Json& body) {
  AllocationRequest request{.consumer = uuid_text(consumer),
                            .allocations = {},
                            .project_id = or_nobody(text_at(body, "project_id")),
                            .user_id = or_nobody(text_at(body, "user_id")),
                            .type = text_at(body, "consumer_type")};
  if (request.consumer.empty()) return refused(400, fmt::format("Malformed consumer_uuid: {}", consumer));
  if (const Json* known = member(body, "consumer_generation"); known != nullptr && !known->is_null())
    request.generation = static_cast<uint64_t>(known->get<int64_t>());
  const Json& allocations = *member(body, "allocations");
  auto add = [&](const std::string& provider, const Json& resources) {
    // A text that is no uuid is that of no provider.
    std::string uuid = uuid_text(provider);
    request.allocations[uuid.empty() ? provider : uuid] = amounts_from(resources);
  };
  if (is_since(call, 12)) {
    for (const auto& [provider, one] : allocations.items()) add(provider, *member(one, "resources"));
  } else {
    for (const Json& one : allocations)
      add(text_at(*member(one, "resource_provider"), "uuid"), *member(one, "resources"));
  }
  return request;
}

std::expected<std::vector<AllocationRequest>, Refusal> allocation_requests(const Call& call, const Json& body) {
  std::vector<AllocationRequest> requests;
  for (const auto& [consumer, wanted] : body.items()) {
    auto request = allocation_request(call, consumer, wanted);
    if (!request) return std::unexpected(std::move(request.error()));
    if (std::ranges::find(requests, request->consumer, &AllocationRequest::consumer) != requests.end())
      return refused(400, fmt::format("Malformed consumer_uuid: {} is there twice", consumer));
    requests.push_back(std::move(*request));
  }
  return requests;
}

Checked LedgerEdit::check_consumer(const AllocationRequest& request) const {
  if (!is_since(call_, 28)) return {};
  auto known = ledger_.consumers.find(request.consumer);
  auto text_of = [](std::optional<uint64_t> generation, std::string_view none) {
    return generation ? fmt::to_string(static_cast<int64_t>(*generation)) : std::string(none);
  };
  std::optional<uint64_t> stored;
  if (known != ledger_.consumers.end()) stored = known->second.generation;
  if (stored == request.generation) return {};
  return refused_with(409, kConcurrentUpdate,
                      fmt::format("consumer generation conflict - expected {} but got {}", text_of(stored, "null"),
                                  text_of(request.generation, "None")));
}

Checked LedgerEdit::check_providers(const AllocationRequest& request) const {
  for (const auto& [provider, amounts] : request.allocations)
    if (ledger_.find(provider) == nullptr)
      return refused(400, fmt::format("Allocation for resource provider '{}' that does not exist.", provider));
  return {};
}

Checked LedgerEdit::check_known_classes(const AllocationRequest& request) const {
  for (const auto& [provider, amounts] : request.allocations)
    for (const auto& [name, amount] : amounts)
      if (!ledger_.has_class(name))
        return refused(400, fmt::format("Unable to allocate inventory for consumer {}: No such resource class {}.",
                                        request.consumer, name));
  return {};
}

void LedgerEdit::touch(Provider& provider) {
  ++provider.generation;
  providers_.insert(provider.uuid);
}

void LedgerEdit::give_back(const std::string& consumer) {
  auto known = ledger_.consumers.find(consumer);
  if (known == ledger_.consumers.end()) return;
  for (const auto& [uuid, amounts] : known->second.allocations) {
    Provider* provider = ledger_.find(uuid);
    for (const auto& [name, amount] : amounts)
      if (provider != nullptr && provider->inventories.contains(name))
        provider->inventories.find(name)->second.used -= amount;
  }
}

Checked LedgerEdit::take(const AllocationRequest& request, const std::string& uuid, const Amounts& amounts) {
  Provider& provider = *ledger_.find(uuid);
  for (const auto& [name, amount] : amounts) {
    auto found = provider.inventories.find(name);
    if (found == provider.inventories.end())
      return refused(409, fmt::format("Unable to allocate inventory: Inventory for '{}' on resource provider '{}' "
                                      "invalid.",
                                      name, uuid));
    if (provider.is_host && is_of_servers(name))
      return refused_of_host(provider,
                             fmt::format("its {} is for servers alone, and {} is none", name, request.consumer));
    Inventory& inventory = found->second;
    if (amount < inventory.min_unit || amount > inventory.max_unit || amount % inventory.step_size != 0)
      return no_room(name, provider, "violate inventory constraints");
    if (!has_room(inventory, amount)) return no_room(name, provider, "exceed the capacity");
    inventory.used += amount;
  }
  return {};
}

void LedgerEdit::write(const AllocationRequest& request) {
  auto known = ledger_.consumers.find(request.consumer);
  if (request.allocations.empty()) {
    if (known == ledger_.consumers.end()) return;
    for (const auto& [uuid, amounts] : known->second.allocations)
      if (Provider* provider = ledger_.find(uuid); provider != nullptr) providers_.insert(uuid);
    gone_.push_back(std::move(known->second.record));
    gone_.back().id = request.consumer;
    ledger_.consumers.erase(known);
    return;
  }
  Consumer& consumer = ledger_.consumers[request.consumer];
  consumer.uuid = request.consumer;
  consumer.project_id = request.project_id;
  consumer.user_id = request.user_id;
  if (!request.type.empty()) consumer.type = request.type;
  ++consumer.generation;
  consumer.allocations = request.allocations;
  consumers_.insert(request.consumer);
  for (const auto& [uuid, amounts] : request.allocations) providers_.insert(uuid);
}

Checked LedgerEdit::allocate(const std::vector<AllocationRequest>& requests) {
  for (const AllocationRequest& request : requests)
    if (Checked same = check_consumer(request); !same) return same;
  for (const AllocationRequest& request : requests)
    if (Checked known = check_providers(request); !known) return known;
  for (const AllocationRequest& request : requests)
    if (Checked known = check_known_classes(request); !known) return known;
  // What they had is free before anything is taken: who shrinks or moves meets only the others.
  for (const AllocationRequest& request : requests) give_back(request.consumer);
  for (const AllocationRequest& request : requests)
    for (const auto& [provider, amounts] : request.allocations)
      if (Checked taken = take(request, provider, amounts); !taken) return taken;
  std::set<std::string> before = std::exchange(providers_, {});
  for (const AllocationRequest& request : requests) write(request);
  for (const std::string& uuid : std::exchange(providers_, std::move(before))) touch(*ledger_.find(uuid));
  return {};
}

LedgerChange LedgerEdit::change() const {
  LedgerChange change;
  for (const std::string& uuid : providers_) put(change, *ledger_.find(uuid));
  for (const std::string& uuid : consumers_) put(change, ledger_.consumers.find(uuid)->second);
  for (const StoredObject& record : gone_) erase(change, kConsumerKind, record);
  return change;
}

Task<Checked> check_no_servers(Call& call, const std::vector<AllocationRequest>& requests) {
  for (const AllocationRequest& request : requests) {
    auto server = co_await find_server(call, request.consumer);
    if (!server) co_return std::unexpected(std::move(server.error()));
    if (*server)
      co_return refused(409, fmt::format("Consumer {} is a server: what it takes of its host, the cloud says alone.",
                                         request.consumer));
  }
  co_return Checked();
}

}  // namespace kilonova::api::openstack
