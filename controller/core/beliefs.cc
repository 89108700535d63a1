#include "controller/core/beliefs.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <utility>

#include "controller/core/move_transitions.h"
#include "domain/beliefs.h"
#include "domain/nouns/host.h"
#include "domain/nouns/quota.h"

namespace kilonova::controller {
namespace {

ServerBelief belief_of(const Instance& row) {
  ServerBelief belief{.uuid = row.uuid,
                      .name = row.name,
                      .vm_state = row.vm_state,
                      .task_state = row.task_state,
                      .power_state = row.power_state,
                      .epoch = row.current.epoch,
                      .operation = row.operation,
                      .host = row.current.host,
                      .resources = resources_of(row.spec.flavor),
                      .nics = static_cast<uint32_t>(row.spec.networks.size()),
                      .addresses = {},
                      .updated_at = row.updated_at,
                      .next = {}};
  if (row.other) belief.next = PlacementBelief{row.other->epoch, row.other->host};
  for (const Address& address : row.current.addresses)
    belief.addresses.push_back({address.nic, address.network_id, address.ip, address.mac});
  return belief;
}

std::optional<int64_t> parse_id(const std::string& text) {
  int64_t id = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

// "<server> <epoch>", and back.
std::string placement_text(const PlacementId& placement) {
  return fmt::format("{} {}", to_string(placement.instance), placement.epoch);
}
std::optional<PlacementId> parse_placement(const std::string& text) {
  size_t space = text.find(' ');
  if (space == std::string::npos) return std::nullopt;
  std::optional<Uuid> instance = parse_uuid(text.substr(0, space));
  std::optional<int64_t> epoch = parse_id(text.substr(space + 1));
  if (!instance || !epoch || *epoch < 0) return std::nullopt;
  return PlacementId{*instance, static_cast<uint64_t>(*epoch)};
}

// The records of an ordered map from `it` on, until the page is full; `next` as the last key is written.
template <class Map, class Record, class Write, class Make>
void fill(const Map& map, typename Map::const_iterator it, const ReadBeliefs& request, std::vector<Record>& records,
          std::string& next, Write write, Make make) {
  for (; it != map.end(); ++it) {
    if (records.size() == request.limit) {
      next = write(std::prev(it)->first);
      return;
    }
    records.push_back(make(*it));
  }
}

constexpr auto kUuidText = [](const Uuid& uuid) { return to_string(uuid); };

// From behind the uuid that `after` is on. Nothing when it is none.
template <class Map>
std::optional<typename Map::const_iterator> begin_of(const Map& map, const std::string& after) {
  if (after.empty()) return map.begin();
  std::optional<Uuid> uuid = parse_uuid(after);
  return uuid ? std::optional(map.upper_bound(*uuid)) : std::nullopt;
}

Expected<BeliefPage> servers(const InstanceTable& table, const ReadBeliefs& request) {
  std::optional<int64_t> after = request.after.empty() ? 0 : parse_id(request.after);
  if (!after) return wrong_beliefs_position(request);
  BeliefPage page;
  fill(
      table.rows(), table.rows().upper_bound(*after), request, page.servers, page.next,
      [](int64_t id) { return std::to_string(id); }, [](const auto& entry) { return belief_of(entry.second); });
  return page;
}

Expected<BeliefPage> allocations(const AllocationTable& table, const ReadBeliefs& request) {
  std::optional<PlacementId> after = request.after.empty() ? PlacementId{} : parse_placement(request.after);
  if (!after) return wrong_beliefs_position(request);
  BeliefPage page;
  fill(table.rows(), table.rows().upper_bound(*after), request, page.allocations, page.next, placement_text,
       [](const auto& entry) { return entry.second; });
  return page;
}

Expected<BeliefPage> hosts_of(const RecordTables& records, const HostRegistry& registry, const ReadBeliefs& request) {
  BeliefPage page;
  fill(
      records.of<Host>(), records.of<Host>().upper_bound(request.after), request, page.hosts, page.next,
      [](const std::string& name) { return name; },
      [&](const auto& entry) {
        const Host& host = entry.second;
        return HostBelief{host.name, host.process, host.enabled, registry.is_up(host.name)};
      });
  return page;
}

Expected<BeliefPage> quotas(const InstanceTable& table, const ReadBeliefs& request) {
  std::map<Uuid, QuotaBelief> projects;
  for (const auto& [project, usage] : table.usages()) projects[project].counted = usage;
  for (const auto& [id, row] : table.rows()) {
    QuotaUsage& rows = projects[row.spec.project_id].rows;
    const QuotaUsage own = quota_of(row);
    rows.instances += own.instances;
    rows.cores += own.cores;
    rows.ram_mb += own.ram_mb;
  }
  auto from = begin_of(projects, request.after);
  if (!from) return wrong_beliefs_position(request);
  BeliefPage page;
  fill(projects, *from, request, page.quotas, page.next, kUuidText,
       [](const auto& entry) { return QuotaBelief{entry.first, entry.second.counted, entry.second.rows}; });
  return page;
}

}  // namespace

Expected<BeliefPage> describe_beliefs(const ControllerWorld& world, const HostRegistry& hosts,
                                      const ReadBeliefs& request) {
  if (auto valid = check_beliefs_request(world.transport.self(), request); !valid)
    return std::unexpected(valid.error());
  switch (request.kind) {
    case BeliefKind::kServers: return servers(world.instances, request);
    case BeliefKind::kAllocations: return allocations(world.allocations, request);
    case BeliefKind::kHosts: return hosts_of(world.records, hosts, request);
    default: return quotas(world.instances, request);
  }
}

}  // namespace kilonova::controller
