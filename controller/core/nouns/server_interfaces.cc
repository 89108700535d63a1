#include "controller/core/nouns/server_interfaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/core/answered_row.h"
#include "controller/core/coming_addresses.h"
#include "controller/core/instance_actions.h"
#include "controller/core/nouns/server_changes.h"
#include "controller/core/nouns/servers.h"
#include "controller/core/row_writer.h"
#include "controller/core/transitions.h"
#include "domain/api.h"

namespace kilonova::controller {
namespace {

constexpr StateSet<VmState> kChangeable{VmState::kActive, VmState::kPaused, VmState::kStopped};

// Audits let the server alone meanwhile.
class UnderChange {
 public:
  UnderChange(ControllerWorld& world, const Uuid& instance) : world_(world), instance_(instance) {
    world_.changing_nics.insert(instance_);
  }
  UnderChange(const UnderChange&) = delete;
  UnderChange& operator=(const UnderChange&) = delete;
  ~UnderChange() { world_.changing_nics.erase(instance_); }

 private:
  ControllerWorld& world_;
  Uuid instance_;
};

bool is_called(const Address& address, const std::string& name) {
  return to_string(address.mac) == name || (address.ip != Ipv4{} && to_string(address.ip) == name);
}

// The nics of the row and what they were asked as are in one order.
void drop_nic(Instance& row, size_t index) {
  row.current.addresses.erase(row.current.addresses.begin() + static_cast<ptrdiff_t>(index));
  if (index < row.spec.networks.size())
    row.spec.networks.erase(row.spec.networks.begin() + static_cast<ptrdiff_t>(index));
}

}  // namespace

Task<Expected<ServerInterfaces::Held>> ServerInterfaces::hold(Uuid instance, std::string method,
                                                              const RequestContext& context) {
  Held held{.lock = co_await world_.instance_locks.acquire(instance)};
  const Instance* row = world_.instances.find(instance);
  if (!row || row->task_state == TaskState::kDeleting)
    co_return fail(ErrorCode::kNotFound, fmt::format("server '{}' not found", to_string(instance)));
  if (auto unlocked = check_unlocked(world_.records, instance, context); !unlocked)
    co_return std::unexpected(unlocked.error());
  if (!method.empty())
    if (auto allowed = check_vm_state(*row, method, kChangeable, false); !allowed)
      co_return std::unexpected(allowed.error());
  // What moves has its addresses in two places; what was reset without a host has no guest, and may keep none.
  if (row->move || row->being_built() != nullptr || (!method.empty() && row->current.host.empty()))
    co_return fail(ErrorCode::kConflict, fmt::format("Instance {} is not ready", to_string(instance)));
  held.row = *row;
  co_return std::move(held);
}

Task<Expected<ServerInterfaces::Held>> ServerInterfaces::hold_again(const Instance& before) {
  Held held{.lock = co_await world_.instance_locks.acquire(before.uuid)};
  const Instance* row = world_.instances.find(before.uuid);
  const bool is_same = row && row->task_state != TaskState::kDeleting && !row->move &&
                       row->current.epoch == before.current.epoch &&
                       digest_of(row->current.addresses) == digest_of(before.current.addresses);
  if (!is_same) {
    co_return fail(ErrorCode::kConflict,
                   fmt::format("instance {} was moved or deleted meanwhile", to_string(before.uuid)));
  }
  held.row = *row;
  co_return std::move(held);
}

Expected<Uuid> ServerInterfaces::choose_network(const std::string& wanted, const Instance& row,
                                                const RequestContext& context) const {
  const RecordTables& records = world_.records;
  if (!records.networks_heard)
    return fail(ErrorCode::kUnavailable, "the network-controller has not connected yet: try again");
  const Uuid& project = row.spec.project_id;
  if (!wanted.empty()) {
    const Network* network = records.find_network(wanted, project);
    if (!network) return fail(ErrorCode::kNotFound, fmt::format("Network {} could not be found.", wanted));
    if (!may_attach(*network, project, context.is_admin()))
      return fail(
          ErrorCode::kPermissionDenied,
          fmt::format("It is not allowed to create an interface on external network {}", to_string(network->id)));
    return network->id;
  }
  auto usable = records.usable_networks(project);
  if (usable.size() > 1)
    return fail(ErrorCode::kConflict, "Multiple possible networks found, use a Network ID to be more specific.");
  if (usable.empty())
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("No specific network was requested and none are available for project '{}'.", to_hex(project)));
  return usable.front()->id;
}

ChangeServerNics ServerInterfaces::change_of(const Instance& row) const {
  ChangeServerNics change;
  change.change = random_uuid(world_.random);
  change.placement = row.placement_id();
  change.project_id = row.spec.project_id;
  change.hostname = row.hostname;
  change.kept = row.current.addresses;
  return change;
}

Task<Expected<std::vector<Address>>> ServerInterfaces::ask(ChangeServerNics change) {
  ApiCall call{RequestContext{.role = UserRole::kAdmin}, {}, ApiRequest(std::move(change))};
  auto reply = co_await world_.caller.call_repeatedly<ApiReply>(PeerId{Role::kNetwork, 0}, std::move(call),
                                                                world_.options.rpc_response_timeout, world_.random);
  if (!reply) co_return std::unexpected(reply.error());
  if (!reply->result) co_return std::unexpected(std::move(reply->result.error()));
  auto* leases = get_if<LeaseList>(&*reply->result);
  if (leases == nullptr)
    co_return fail(ErrorCode::kInternal, "the network-controller answered with something else than leases");
  std::vector<Address> addresses;
  for (Lease& lease : leases->leases) addresses.push_back(std::move(lease.address));
  co_return addresses;
}

Task<> ServerInterfaces::settle(PlacementId placement) {
  auto turn = co_await turns_.acquire(placement.instance);
  co_await settle_in_turn(placement);
}

// What is lost of it an audit makes good.
Task<> ServerInterfaces::settle_in_turn(PlacementId placement) {
  const Instance* row = world_.instances.find(placement.instance);
  if (!row || row->current.epoch != placement.epoch || row->move || row->task_state == TaskState::kDeleting) co_return;
  UnderChange under_change(world_, placement.instance);
  auto told = co_await ask(change_of(*row));
  if (told) co_return;
  world_.log.event(LogLevel::kWarning, "a change of a server's interfaces is left to an audit",
                   {{"instance", to_string(placement.instance)}, {"error", told.error().message}});
}

Task<Expected<>> ServerInterfaces::store(Instance next, std::string_view recorded, const RequestContext& context) {
  next.updated_at = world_.loop.wall_now();
  ActionChanges record(world_);
  Transaction more;
  if (!recorded.empty()) record.begin(next, std::string(recorded), events_of(recorded), context, next.updated_at, true);
  record.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  record.apply();
  co_return Expected<>();
}

Task<Expected<ServerList>> ServerInterfaces::handle(AttachInterface request, RequestContext context) {
  auto found = find_server(world_.instances, scope_of(context, context.is_admin()), request.server);
  if (!found) co_return std::unexpected(found.error());
  const Uuid instance = (*found)->uuid;
  auto turn = co_await turns_.acquire(instance);
  auto held = co_await hold(instance, "attach_interface", context);
  if (!held) co_return std::unexpected(held.error());
  ChangeServerNics change = change_of(held->row);
  if (!request.port.empty()) {
    change.port = *parse_uuid(request.port);
  } else {
    auto network = choose_network(request.network, held->row, context);
    if (!network) co_return std::unexpected(network.error());
    change.network = *network;
    change.fixed_ip = std::move(request.fixed_ip);
  }
  const Uuid asked_as = request.port.empty() ? change.network : change.port;
  held->lock.release();
  const Instance before = std::move(held->row);
  UnderChange under_change(world_, instance);
  auto addresses = co_await ask(std::move(change));
  if (!addresses) {
    // Where it is unknown whether it is held: nobody else waits for it, so that it is given up.
    if (addresses.error().code == ErrorCode::kDeadlineExceeded) world_.flows.spawn(settle(before.placement_id()));
    co_return std::unexpected(addresses.error());
  }
  auto again = co_await hold_again(before);
  const bool grew = addresses->size() == before.current.addresses.size() + 1;
  Expected<> stored = again ? Expected<>() : std::unexpected(again.error());
  if (stored && (!grew || are_of_another(world_, again->row, *addresses)))
    stored = fail(ErrorCode::kUnavailable, "the address is another server's: try again");
  if (stored) {
    Instance next = std::move(again->row);
    next.current.addresses = *std::move(addresses);
    next.spec.networks.push_back(asked_as);
    const ComingAddresses coming(world_, next.id, next.current.addresses);
    stored = co_await store(std::move(next), "attach_interface", context);
  }
  if (!stored) {
    world_.flows.spawn(settle(before.placement_id()));
    co_return std::unexpected(stored.error());
  }
  ServerList reply;
  reply.servers.push_back(answered_row(world_.records, *world_.instances.find(instance)));
  reply.properties = properties_of(world_.records, reply.servers);
  co_return reply;
}

Task<Expected<Empty>> ServerInterfaces::handle(DetachInterface request, RequestContext context) {
  auto found = find_server(world_.instances, scope_of(context, context.is_admin()), request.server);
  if (!found) co_return std::unexpected(found.error());
  const Uuid instance = (*found)->uuid;
  auto turn = co_await turns_.acquire(instance);
  auto held = co_await hold(instance, "detach_interface", context);
  if (!held) co_return std::unexpected(held.error());
  Instance next = std::move(held->row);
  const PlacementId placement = next.placement_id();
  auto gone = std::ranges::find_if(next.current.addresses,
                                   [&](const Address& address) { return is_called(address, request.interface); });
  if (gone == next.current.addresses.end())
    co_return fail(ErrorCode::kNotFound, fmt::format("server '{}' has no interface with {}: give the MAC or the "
                                                     "first fixed address of one",
                                                     request.server, request.interface));
  drop_nic(next, static_cast<size_t>(gone - next.current.addresses.begin()));
  UnderChange under_change(world_, instance);
  auto stored = co_await store(std::move(next), "detach_interface", context);
  if (!stored) co_return std::unexpected(stored.error());
  world_.flows.spawn(settle(placement));
  co_return Empty{};
}

// An address that is its interface's first gives its place to another one before it goes: it is held until no row has it.
Task<Expected<Empty>> ServerInterfaces::handle(RemoveFixedIp request, RequestContext context) {
  auto found = find_server(world_.instances, scope_of(context, context.is_admin()), request.server);
  if (!found) co_return std::unexpected(found.error());
  const Uuid instance = (*found)->uuid;
  auto turn = co_await turns_.acquire(instance);
  auto held = co_await hold(instance, "", context);
  if (!held) co_return std::unexpected(held.error());
  Instance before = std::move(held->row);
  held->lock.release();
  UnderChange under_change(world_, instance);
  std::vector<Address>& addresses = before.current.addresses;
  auto first = std::ranges::find_if(addresses, [&](const Address& address) {
    return address.ip != Ipv4{} && to_string(address.ip) == request.address;
  });
  if (first != addresses.end()) {
    ChangeServerNics change = change_of(before);
    change.kept[static_cast<size_t>(first - addresses.begin())].ip = Ipv4{};
    auto changed = co_await ask(std::move(change));
    if (!changed) co_return std::unexpected(changed.error());
    auto again = co_await hold_again(before);
    Expected<> stored = again ? Expected<>() : std::unexpected(again.error());
    if (stored) {
      again->row.current.addresses = *std::move(changed);
      before = again->row;
      stored = co_await store(std::move(again->row), "", context);
    }
    if (!stored) {
      world_.flows.spawn(settle(before.placement_id()));
      co_return std::unexpected(stored.error());
    }
  }
  ChangeServerNics drop = change_of(before);
  drop.fixed_ip = request.address;
  auto dropped = co_await ask(std::move(drop));
  if (!dropped) co_return std::unexpected(dropped.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
