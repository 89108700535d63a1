#include "controller/core/nouns/aggregates.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "controller/core/named_records.h"

namespace kilonova::controller {
namespace {

// The lock under which aggregates and the zones of hosts change.
constexpr const char* kLock = "aggregate";

std::unexpected<Error> invalid_action(ErrorCode code, const Aggregate& row, std::string_view action,
                                      std::string_view reason) {
  return fail(code, fmt::format("Cannot perform action '{}' on aggregate {}. Reason: {}.", action, row.id, reason));
}

}  // namespace

const Aggregate* Aggregates::find(const std::string& id_or_name) const {
  const auto& table = world_.records.of<Aggregate>();
  int64_t id = 0;
  auto [end, error] = std::from_chars(id_or_name.data(), id_or_name.data() + id_or_name.size(), id);
  if (error == std::errc() && end == id_or_name.data() + id_or_name.size())
    if (auto row = table.find(id); row != table.end()) return &row->second;
  auto named = std::ranges::find_if(table, [&](const auto& entry) { return entry.second.name == id_or_name; });
  return named == table.end() ? nullptr : &named->second;
}

Expected<AggregateList> Aggregates::handle(const ListAggregates& request, const RequestContext&) const {
  return list_records(&AggregateList::aggregates, find(request.aggregate), "aggregate", request.aggregate,
                      world_.records.of<Aggregate>(), request.marker, request.limit,
                      [](const Aggregate&) { return true; });
}

Task<Expected<AggregateList>> Aggregates::store(Aggregate row, std::vector<std::string> hosts) {
  row.updated_at = world_.loop.wall_now();
  auto committed = co_await put_record<Aggregate>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  hosts_.announce(hosts);
  co_return AggregateList{{std::move(row)}};
}

Task<Expected<AggregateList>> Aggregates::handle(CreateAggregate request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire(kLock);
  const auto& table = world_.records.of<Aggregate>();
  if (std::ranges::any_of(table, [&](const auto& entry) { return entry.second.name == request.name; }))
    co_return already_exists("aggregate", request.name);
  Aggregate row;
  row.id = table.empty() ? 1 : table.rbegin()->first + 1;
  row.uuid = random_uuid(world_.random);
  row.name = request.name;
  row.availability_zone = request.availability_zone;
  row.created_at = world_.loop.wall_now();
  co_return co_await store(std::move(row), {});
}

Task<Expected<AggregateList>> Aggregates::handle(SetAggregate request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire(kLock);
  const Aggregate* known = find(request.aggregate);
  if (!known) co_return not_found("aggregate", request.aggregate);
  Aggregate row = *known;
  if (!request.name.empty()) {
    const auto& table = world_.records.of<Aggregate>();
    if (std::ranges::any_of(
            table, [&](const auto& entry) { return entry.second.name == request.name && entry.first != row.id; }))
      co_return already_exists("aggregate", request.name);
    row.name = request.name;
  }
  for (const std::string& key : request.unset) {
    erase_item(row.metadata, key);
    if (key == kAvailabilityZoneKey) row.availability_zone.clear();
  }
  for (const MetadataItem& item : request.set) put_item(row.metadata, item);
  if (!request.availability_zone.empty()) row.availability_zone = request.availability_zone;
  if (row.availability_zone != known->availability_zone) {
    if (auto safe = check_zone(row, row.hosts, "update_aggregate"); !safe) co_return std::unexpected(safe.error());
    if (auto safe = check_no_servers(row, row.hosts, "update_aggregate"); !safe)
      co_return std::unexpected(safe.error());
  }
  std::vector<std::string> hosts = row.hosts;
  co_return co_await store(std::move(row), std::move(hosts));
}

Task<Expected<Empty>> Aggregates::handle(DeleteAggregate request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire(kLock);
  const Aggregate* known = find(request.aggregate);
  if (!known) co_return not_found("aggregate", request.aggregate);
  if (!known->hosts.empty())
    co_return invalid_action(ErrorCode::kInvalidArgument, *known, "delete", "Host aggregate is not empty");
  int64_t id = known->id;
  auto committed = co_await erase_record<Aggregate>(world_, id);
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

Task<Expected<AggregateList>> Aggregates::handle(AddAggregateHost request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire(kLock);
  const Aggregate* known = find(request.aggregate);
  if (!known) co_return not_found("aggregate", request.aggregate);
  if (!world_.records.of<Host>().contains(request.host)) co_return not_found("host", request.host);
  Aggregate row = *known;
  auto at = std::ranges::lower_bound(row.hosts, request.host);
  if (at != row.hosts.end() && *at == request.host)
    co_return fail(ErrorCode::kAlreadyExists, fmt::format("Aggregate {} already has host {}.", row.id, request.host));
  if (auto safe = check_zone(row, {request.host}, "add_host_to_aggregate"); !safe)
    co_return std::unexpected(safe.error());
  row.hosts.insert(at, request.host);
  co_return co_await store(std::move(row), {request.host});
}

Task<Expected<AggregateList>> Aggregates::handle(RemoveAggregateHost request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire(kLock);
  const Aggregate* known = find(request.aggregate);
  if (!known) co_return not_found("aggregate", request.aggregate);
  Aggregate row = *known;
  auto at = std::ranges::find(row.hosts, request.host);
  if (at == row.hosts.end())
    co_return fail(ErrorCode::kNotFound, fmt::format("Aggregate {} has no host {}.", row.id, request.host));
  row.hosts.erase(at);
  co_return co_await store(std::move(row), {request.host});
}

Task<Expected<Empty>> Aggregates::handle(CacheAggregateImages request, RequestContext context) {
  const Aggregate* known = find(request.aggregate);
  if (!known) co_return not_found("aggregate", request.aggregate);
  std::vector<ImageRef> images;
  for (const std::string& name : request.images) {
    const Image* image = world_.records.find_image(name, context.project_id, context.is_admin());
    if (!image) co_return not_found("image", name);
    images.push_back({image->id, image->name, image->size_bytes});
  }
  std::map<PeerId, std::vector<std::string>> hosts;
  for (const std::string& name : known->hosts) {
    auto host = world_.records.of<Host>().find(name);
    if (host != world_.records.of<Host>().end() && hosts_.is_up(name)) hosts[host->second.process].push_back(name);
  }
  for (auto& [process, names] : hosts)
    world_.transport.send(process, Message{0, CacheImages{std::move(names), images}});
  co_return Empty{};
}

// nova/compute/api.py is_safe_to_update_az.
Expected<> Aggregates::check_zone(const Aggregate& row, const std::vector<std::string>& hosts,
                                  std::string_view action) const {
  if (row.availability_zone.empty()) return {};
  for (const auto& [id, other] : world_.records.of<Aggregate>()) {
    if (id == row.id || other.availability_zone.empty() || other.availability_zone == row.availability_zone) continue;
    for (const std::string& host : hosts)
      if (std::ranges::find(other.hosts, host) != other.hosts.end())
        return invalid_action(
            ErrorCode::kConflict, row, action,
            fmt::format("One or more hosts already in availability zone(s) ['{}']", other.availability_zone));
  }
  return {};
}

Expected<> Aggregates::check_no_servers(const Aggregate& row, const std::vector<std::string>& hosts,
                                        std::string_view action) const {
  for (const std::string& name : hosts) {
    auto host = world_.records.of<Host>().find(name);
    if (host == world_.records.of<Host>().end() || world_.allocations.of_host(name).instances == 0) continue;
    // A zone that stays the same moves no server out of it.
    std::string zone = row.availability_zone.empty() ? host->second.zone : row.availability_zone;
    if (zone != world_.records.zone_of(host->second))
      return invalid_action(ErrorCode::kInvalidArgument, row, action,
                            "One or more hosts contain instances in this zone");
  }
  return {};
}

}  // namespace kilonova::controller
