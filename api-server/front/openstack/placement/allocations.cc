// Placement: allocations by consumer. Those of servers are the controller's and shown here; those of all others are
// written here.
#include <fmt/format.h>

#include <utility>

#include "api-server/front/openstack/compute/hosts.h"
#include "api-server/front/openstack/placement/allocation_plan.h"
#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"
#include "api-server/front/openstack/placement/servers.h"

namespace kilonova::api::openstack {
namespace {

// As Placement has it for racing writers.
constexpr int kTries = 10;

Json consumer_view(const Call& call, const Ledger& ledger, const Consumer& consumer) {
  Json allocations = Json::object();
  for (const auto& [uuid, amounts] : consumer.allocations) {
    const Provider* provider = ledger.find(uuid);
    Json resources = Json::object();
    for (const auto& [name, amount] : amounts) append_member(resources, name, amount);
    append_member(
        allocations, uuid,
        {{"generation", provider == nullptr ? 0 : provider->generation}, {"resources", std::move(resources)}});
  }
  bool has_any = !allocations.empty();
  Json shown{{"allocations", std::move(allocations)}};
  if (!has_any || !is_since(call, 12)) return shown;
  shown["project_id"] = consumer.project_id;
  shown["user_id"] = consumer.user_id;
  if (is_since(call, 28)) shown["consumer_generation"] = consumer.generation;
  if (is_since(call, 38)) shown["consumer_type"] = consumer.type.empty() ? "unknown" : consumer.type;
  return shown;
}

// A server as a consumer: its generation is its placement's epoch (docs/adr/0008-allocations.md).
Task<std::expected<Consumer, Refusal>> consumer_of(Call& call, const Instance& server) {
  auto allocations = co_await server_allocations(call, server.uuid);
  if (!allocations) co_return std::unexpected(std::move(allocations.error()));
  Consumer consumer{.uuid = to_string(server.uuid),
                    .project_id = to_hex(server.spec.project_id),
                    .user_id = to_hex(server.spec.user_id),
                    .type = "",
                    .generation = server.current.epoch,
                    .allocations = {},
                    .record = {}};
  for (const Allocation& one : *allocations)
    add_amounts(consumer.allocations[hypervisor_uuid(one.host)], amounts_of(one.resources));
  co_return consumer;
}

Task<Answered> show(Call& call) {
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto server = co_await find_server(call, call.in_path("consumer"));
  if (!server) co_return std::unexpected(std::move(server.error()));
  if (*server) {
    auto consumer = co_await consumer_of(call, **server);
    if (!consumer) co_return std::unexpected(std::move(consumer.error()));
    co_return shown(call, consumer_view(call, *ledger, *consumer), (*server)->updated_at);
  }
  auto known = ledger->consumers.find(uuid_text(call.in_path("consumer")));
  if (known == ledger->consumers.end()) co_return shown(call, {{"allocations", Json::object()}});
  co_return shown(call, consumer_view(call, *ledger, known->second), known->second.record.updated_at);
}

// Reads, plans and writes; again where another writer of the same providers was faster.
Task<Answered> store(Call& call, const std::vector<AllocationRequest>& requests) {
  if (Checked ok = co_await check_no_servers(call, requests); !ok) co_return std::unexpected(std::move(ok.error()));
  Checked done;
  for (int i = 0; i < kTries; ++i) {
    auto ledger = co_await read_ledger(call);
    if (!ledger) co_return std::unexpected(std::move(ledger.error()));
    LedgerEdit edit(call, *ledger);
    if (Checked taken = edit.allocate(requests); !taken) co_return std::unexpected(std::move(taken.error()));
    LedgerChange change = edit.change();
    if (change.put.empty() && change.erase.empty()) co_return nothing_to_say();
    done = co_await commit(call, std::move(change));
    if (done) co_return nothing_to_say();
    if (done.error().type != kConcurrentUpdate) break;
  }
  if (done.error().type == kConcurrentUpdate)
    done.error().message = "Inventory and/or allocations changed while attempting to allocate: " + done.error().message;
  co_return std::unexpected(std::move(done.error()));
}

Task<Answered> replace(Call& call) {
  if (Checked is_json = require_json(call); !is_json) co_return std::unexpected(std::move(is_json.error()));
  if (uuid_text(call.in_path("consumer")).empty())
    co_return refused(400, fmt::format("Malformed consumer_uuid: {}", call.in_path("consumer")));
  auto body = read_json(call, allocation_rule(call));
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto request = allocation_request(call, call.in_path("consumer"), *body);
  if (!request) co_return std::unexpected(std::move(request.error()));
  std::vector<AllocationRequest> requests{std::move(*request)};
  co_return co_await store(call, requests);
}

Task<Answered> replace_several(Call& call) {
  static const Rule rule = allocations_rule(1);
  auto body = read_json(call, rule);
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto requests = allocation_requests(call, *body);
  if (!requests) co_return std::unexpected(std::move(requests.error()));
  co_return co_await store(call, *requests);
}

// The generations of the providers stay: nobody has less room than it thought.
Task<Answered> remove(Call& call) {
  std::string uuid = uuid_text(call.in_path("consumer"));
  std::vector<AllocationRequest> itself(1);
  itself.front().consumer = uuid;
  if (Checked ok = co_await check_no_servers(call, itself); !ok) co_return std::unexpected(std::move(ok.error()));
  auto record = co_await find_object(call, kConsumerKind, uuid);
  if (!record) co_return std::unexpected(std::move(record.error()));
  if (!*record) co_return refused(404, fmt::format("No allocations for consumer '{}'", call.in_path("consumer")));
  co_return co_await remove_record(call, kConsumerKind, **record);
}

constexpr Service kHere = Service::kPlacement;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kHere, "POST", "/allocations", kAdmin, "placement:allocations:manage", &replace_several, v1(13)},
    {kHere, "GET", "/allocations/{consumer}", kAdmin, "placement:allocations:list", &show},
    {kHere, "PUT", "/allocations/{consumer}", kAdmin, "placement:allocations:update", &replace},
    {kHere, "DELETE", "/allocations/{consumer}", kAdmin, "placement:allocations:delete", &remove},
};

}  // namespace

std::span<const Route> allocation_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
