// What clients ask of networks: Neutron's part of Nova's API, decided here and forwarded by the controller. And what
// audits ask.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "network-controller/core/network_core.h"
#include "network-controller/core/network_rules.h"

namespace kilonova::network {
namespace {

constexpr uint32_t kMaxLeases = 100'000;  // in one answer

ApiReply refusal(ErrorCode code, std::string message) { return {fail(code, std::move(message))}; }

}  // namespace

// A change reaches the controller as a snapshot before the answer does.
Task<void> NetworkCore::answer_network_request(Peer from, uint64_t call, ApiCall request) {
  co_await ready_.wait();
  bool changes =
      std::holds_alternative<CreateNetwork>(request.request) || std::holds_alternative<DeleteNetwork>(request.request);
  ApiReply answer = co_await handle_network_request(std::move(request));
  if (changes && answer.result) send_snapshot(from.id);
  reply(from, call, std::move(answer));
}

Task<ApiReply> NetworkCore::handle_network_request(ApiCall call) {
  if (UserRole needed = required_role(call.request); call.context.role < needed)
    co_return refusal(ErrorCode::kPermissionDenied,
                      fmt::format("{} needs role {}", request_name(call.request), to_string(needed)));
  if (auto* create = std::get_if<CreateNetwork>(&call.request))
    co_return co_await create_network(call.context, std::move(*create));
  if (auto* erase = std::get_if<DeleteNetwork>(&call.request))
    co_return co_await delete_network(call.context, std::move(*erase));
  if (auto* list = std::get_if<ListNetworks>(&call.request)) co_return list_networks(call.context, *list);
  if (auto* leases = std::get_if<ListLeases>(&call.request)) co_return list_leases(call.context, *leases);
  if (auto* read = std::get_if<ReadBeliefs>(&call.request)) {
    Expected<BeliefPage> page = beliefs(*read);
    if (!page) co_return ApiReply{std::unexpected(page.error())};
    co_return ApiReply{ApiResponse(*std::move(page))};
  }
  co_return refusal(ErrorCode::kUnimplemented,
                    fmt::format("{} is not for the network-controller", request_name(call.request)));
}

ApiReply NetworkCore::list_networks(const RequestContext& context, const ListNetworks& request) {
  std::vector<NetworkEntry*> visible = networks_.visible(context, request.network);
  if (visible.empty() && !request.network.empty())
    return refusal(ErrorCode::kNotFound, fmt::format("Network {} could not be found.", request.network));
  NetworkList list;
  for (const NetworkEntry* entry : visible) {
    list.networks.push_back(entry->row);
    list.used.push_back(entry->pool.used());
  }
  return {ApiResponse(std::move(list))};
}

Task<ApiReply> NetworkCore::create_network(RequestContext context, CreateNetwork request) {
  auto permit = co_await changing_networks_.acquire();
  Expected<NetworkShape> shape = validate(context, request);
  if (!shape) co_return ApiReply{std::unexpected(shape.error())};
  if (networks_.has_name(context.project_id, request.name))
    co_return refusal(ErrorCode::kAlreadyExists,
                      fmt::format("the project has a network named '{}' already", request.name));
  std::optional<uint16_t> vlan = networks_.free_vlan(options_.vlan_start);
  if (!vlan)
    co_return refusal(ErrorCode::kResourceExhausted,
                      fmt::format("no VLAN from {} to {} is left; delete a network", options_.vlan_start, kLastVlan));
  Network row{.id = random_uuid(random_),
              .name = std::move(request.name),
              .project_id = context.project_id,
              .shared = request.shared,
              .external = request.external,
              .cidr = shape->cidr,
              .gateway = shape->gateway,
              .vlan = *vlan,
              .created_at = loop_.wall_now()};
  NetworkTransaction transaction{network_mutation::PutNetwork{row}};
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) co_return ApiReply{std::unexpected(committed.error())};
  networks_.insert(row);
  NetworkList made;
  made.networks.push_back(std::move(row));
  made.used.push_back(0);
  co_return ApiReply{ApiResponse(std::move(made))};
}

Task<ApiReply> NetworkCore::delete_network(RequestContext context, DeleteNetwork request) {
  auto permit = co_await changing_networks_.acquire();
  Expected<NetworkEntry*> resolved = networks_.resolve(context, request.network);
  if (!resolved) co_return ApiReply{std::unexpected(resolved.error())};
  NetworkEntry* entry = *resolved;
  if (!may_change(context, entry->row))
    co_return refusal(ErrorCode::kPermissionDenied,
                      fmt::format("network '{}' belongs to another project", entry->row.name));
  if (uint32_t used = entry->pool.used(); used > 0)
    co_return refusal(ErrorCode::kConflict,
                      fmt::format("network '{}' has {} address{} in use; delete the servers first", entry->row.name,
                                  used, used == 1 ? "" : "es"));
  entry->deleting = true;
  Uuid id = entry->row.id;
  NetworkTransaction transaction{network_mutation::EraseNetwork{id}};
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) {
    entry->deleting = false;
    co_return ApiReply{std::unexpected(committed.error())};
  }
  networks_.erase(id);
  co_return ApiReply{ApiResponse(Empty{})};
}

// Admins, and the project that owns the network: a lease doesn't say whose server holds it.
ApiReply NetworkCore::list_leases(const RequestContext& context, const ListLeases& request) {
  Expected<NetworkEntry*> resolved = networks_.resolve(context, request.network);
  if (!resolved) return ApiReply{std::unexpected(resolved.error())};
  const NetworkEntry& entry = **resolved;
  if (!may_change(context, entry.row))
    return refusal(ErrorCode::kPermissionDenied,
                   fmt::format("network '{}' belongs to another project: only admins see its leases", entry.row.name));
  LeaseList list;
  uint32_t limit = std::min(request.limit, kMaxLeases);
  Ipv4 from = entry.row.cidr.network;
  while (list.leases.size() < limit) {
    std::optional<Ipv4> ip = entry.pool.next_in_use(from);
    if (!ip) break;
    from.value = ip->value + 1;
    const Uuid* instance = entry.holders.find(ip->value);
    if (instance == nullptr) continue;  // reserved, not committed yet
    const Holding& holding = *holdings_.find(*instance);
    for (const HeldNic& nic : holding.nics)
      if (nic.ip == *ip && nic.network_id == entry.row.id)
        list.leases.push_back({*instance, holding.epoch, holding.hostname, address_of(nic)});
  }
  return {ApiResponse(std::move(list))};
}

}  // namespace kilonova::network
