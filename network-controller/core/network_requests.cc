// What clients ask of networks: Neutron's part of Nova's API, decided here and forwarded by the controller. And what
// audits ask.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/form_rules.h"
#include "domain/nouns/network.h"
#include "domain/operation.h"
#include "domain/subnet_rules.h"
#include "network-controller/core/network_core.h"
#include "network-controller/core/network_rules.h"

namespace kilonova::network {
namespace {

template <class Reply>
Task<ApiReply> respond(Expected<Reply> reply) {
  if (!reply) co_return ApiReply{std::unexpected(std::move(reply.error()))};
  co_return ApiReply{ApiResponse(*std::move(reply))};
}
template <class Reply>
Task<ApiReply> respond(Task<Expected<Reply>> flow) {
  Expected<Reply> reply = co_await std::move(flow);
  if (!reply) co_return ApiReply{std::unexpected(std::move(reply.error()))};
  co_return ApiReply{ApiResponse(*std::move(reply))};
}

Task<ApiReply> refuse_call(ErrorCode code, std::string message) { co_return ApiReply{fail(code, std::move(message))}; }

}  // namespace

// A change reaches the controller as a snapshot before the answer does.
Task<void> NetworkCore::answer_network_request(Peer from, uint64_t call, ApiCall request) {
  co_await ready_.wait();
  bool changes = operation_of(request.request).effect == Effect::kChanges &&
                 !holds_alternative<StorePort>(request.request) &&
                 !holds_alternative<ChangeServerNics>(request.request);
  ApiReply answer = co_await handle_network_request(std::move(request));
  if (changes && answer.result) send_snapshot(from.id);
  reply(from, call, std::move(answer));
}

// An operation on networks that has no handle() does not compile.
Task<ApiReply> NetworkCore::handle_network_request(ApiCall call) {
  const Operation& operation = operation_of(call.request);
  if (call.context.role < operation.role)
    return refuse_call(ErrorCode::kPermissionDenied,
                       fmt::format("{} needs role {}", operation.name, to_string(operation.role)));
  return visit(
      [&]<class Request>(Request& request) -> Task<ApiReply> {
        constexpr DecidedBy decided_by = Request::kOperation.decided_by;
        if constexpr (decided_by == DecidedBy::kNetwork || decided_by == DecidedBy::kAnyDaemon) {
          return respond<typename Request::Reply>(handle(std::move(request), call.context));
        } else {
          return refuse_call(ErrorCode::kUnimplemented,
                             fmt::format("{} is not for the network-controller", Request::kOperation.name));
        }
      },
      call.request);
}

Expected<BeliefPage> NetworkCore::handle(const ReadBeliefs& request, const RequestContext&) { return beliefs(request); }

Expected<NetworkList> NetworkCore::handle(const ListNetworks& request, const RequestContext& context) {
  std::vector<NetworkEntry*> visible = networks_.visible(context, request.network);
  if (visible.empty() && !request.network.empty())
    return fail(ErrorCode::kNotFound, fmt::format("Network {} could not be found.", request.network));
  std::optional<Uuid> after;
  if (!request.marker.empty()) {
    after = parse_uuid(request.marker);
    if (!after)
      return refuse(fmt::format("the marker {} must be the id of the last network of the page before",
                                in_quotes(request.marker)));
  }
  std::ranges::sort(visible, {}, [](const NetworkEntry* entry) { return entry->row.id; });
  NetworkList list;
  for (const NetworkEntry* entry : visible) {
    if (after && entry->row.id <= *after) continue;
    if (list.networks.size() == request.limit) {
      list.more = true;
      break;
    }
    list.networks.push_back(entry->row);
    list.used.push_back(entry->used());
  }
  return list;
}

Task<Expected<NetworkList>> NetworkCore::handle(CreateNetwork request, RequestContext context) {
  auto permit = co_await changing_networks_.acquire();
  Expected<NetworkShape> shape = validate(context, request);
  if (!shape) co_return std::unexpected(shape.error());
  if (networks_.has_name(context.project_id, request.name))
    co_return fail(ErrorCode::kAlreadyExists,
                   fmt::format("the project has a network named '{}' already", request.name));
  if (size_t owned = networks_.count_of(context.project_id); owned >= options_.max_networks_of_project)
    co_return fail(
        ErrorCode::kQuotaExceeded,
        fmt::format("Quota exceeded for resources: ['network']. The project has {} networks, as many as it may "
                    "have: delete one",
                    owned));
  std::optional<uint16_t> vlan = networks_.free_vlan(options_.vlan_start);
  if (!vlan)
    co_return fail(ErrorCode::kResourceExhausted,
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
  Subnet subnet = ipv4_subnet_of(row, random_uuid(random_));
  NetworkTransaction transaction{network_mutation::PutNetwork{row}, network_mutation::PutSubnet{subnet}};
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  networks_.insert(row).insert(std::move(subnet));
  NetworkList made;
  made.networks.push_back(std::move(row));
  made.used.push_back(0);
  co_return made;
}

Task<Expected<Empty>> NetworkCore::handle(DeleteNetwork request, RequestContext context) {
  auto permit = co_await changing_networks_.acquire();
  Expected<NetworkEntry*> resolved = networks_.resolve(context, request.network);
  if (!resolved) co_return std::unexpected(resolved.error());
  NetworkEntry* entry = *resolved;
  if (!may_change(context, entry->row))
    co_return fail(ErrorCode::kPermissionDenied,
                   fmt::format("network '{}' belongs to another project", entry->row.name));
  if (uint64_t used = entry->used(); used > 0)
    co_return fail(ErrorCode::kConflict, fmt::format("network '{}' has {} address{} in use; delete the servers first",
                                                     entry->row.name, used, used == 1 ? "" : "es"));
  co_return co_await delete_network(entry);
}

// Admins, and the project that owns the network: a lease doesn't say whose server holds it.
Expected<LeaseList> NetworkCore::handle(const ListLeases& request, const RequestContext& context) {
  Expected<NetworkEntry*> resolved = networks_.resolve(context, request.network);
  if (!resolved) return std::unexpected(resolved.error());
  NetworkEntry& entry = **resolved;
  if (!may_change(context, entry.row))
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("network '{}' belongs to another project: only admins see its leases", entry.row.name));
  LeaseList list;
  Ipv4 from;
  if (auto after = parse_ipv4(request.marker)) from.value = after->value + 1;
  std::vector<const SubnetEntry*> subnets;
  for (const auto& subnet : entry.subnets)
    if (subnet->network.base.version == 4) subnets.push_back(subnet.get());
  std::ranges::sort(subnets, {}, [](const SubnetEntry* subnet) { return subnet->network.base; });
  for (const SubnetEntry* subnet : subnets) {
    Ipv4 at = std::max(from, to_ipv4(subnet->network.base));
    while (std::optional<Ipv4> ip = subnet->pool.next_in_use(at)) {
      at.value = ip->value + 1;
      const Uuid* instance = subnet->holders.find(ip->value);
      if (instance == nullptr) continue;  // a port's, or reserved and not committed yet
      if (list.leases.size() == request.limit) {
        list.more = true;
        return list;
      }
      const Holding& holding = *holdings_.find(*instance);
      for (const HeldNic& nic : holding.nics)
        if (nic.ip == *ip && nic.network_id == entry.row.id)
          list.leases.push_back({*instance, holding.epoch, holding.hostname, address_of(nic)});
    }
  }
  return list;
}

}  // namespace kilonova::network
