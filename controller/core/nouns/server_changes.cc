#include "controller/core/nouns/server_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/core/answered_row.h"
#include "controller/core/named_records.h"
#include "controller/core/nouns/servers.h"
#include "controller/core/transitions.h"

namespace kilonova::controller {
namespace {

// The decorators of nova/compute/api.py update_instance_metadata, and server_tags.py _check_instance_in_valid_state.
constexpr StateSet<VmState> kChangeable{VmState::kActive, VmState::kPaused, VmState::kSuspended, VmState::kStopped};

void put_tag(std::vector<std::string>& tags, const std::string& tag) {
  auto at = std::ranges::lower_bound(tags, tag);
  if (at == tags.end() || *at != tag) tags.insert(at, tag);
}

Expected<> change_metadata(const SetServer& request, int64_t limit, ServerProperties& properties) {
  if (request.replaces_metadata) properties.metadata.clear();
  for (const std::string& key : request.unset_metadata)
    if (!erase_item(properties.metadata, key)) return fail(ErrorCode::kNotFound, "Metadata item was not found");
  for (const MetadataItem& item : request.set_metadata) put_item(properties.metadata, item);
  if (auto formed = check_metadata(properties.metadata); !formed) return formed;
  // What was there before the limit was lowered may stay.
  return request.set_metadata.empty() ? Expected<>() : check_metadata_quota(properties.metadata, limit);
}

Expected<> change_tags(const SetServer& request, ServerProperties& properties) {
  if (request.replaces_tags) properties.tags.clear();
  for (const std::string& tag : request.remove_tags)
    if (std::erase(properties.tags, tag) == 0)
      return fail(ErrorCode::kNotFound,
                  fmt::format("Tag {} could not be found for server {}", tag, to_string(properties.instance)));
  for (const std::string& tag : request.add_tags) put_tag(properties.tags, tag);
  return check_tags(properties.tags);
}

}  // namespace

Task<Expected<ServerChanges::Held>> ServerChanges::hold(std::string server, bool all_projects,
                                                        const RequestContext& context) {
  auto found = find_server(world_.instances, scope_of(context, all_projects), server);
  if (!found) co_return std::unexpected(found.error());
  const Uuid instance = (*found)->uuid;
  Held held{.lock = co_await world_.instance_locks.acquire(instance),
            .properties = PropertyChanges(world_.records, instance)};
  held.row = world_.instances.find(instance);
  if (!held.row || held.row->task_state == TaskState::kDeleting) co_return not_found("server", server);
  co_return std::move(held);
}

Task<Expected<ServerList>> ServerChanges::handle(SetServer request, RequestContext context) {
  auto held = co_await hold(request.server, request.all_projects, context);
  if (!held) co_return std::unexpected(held.error());
  Instance next = *held->row;
  ServerProperties& properties = held->properties.row();
  const bool metadata = request.replaces_metadata || !request.unset_metadata.empty() || !request.set_metadata.empty();
  const bool tags = request.replaces_tags || !request.remove_tags.empty() || !request.add_tags.empty();
  Expected<> allowed;
  if (metadata) allowed = check_unlocked(world_.records, next.uuid, context);
  if (allowed && metadata && !request.in_any_state)
    allowed = check_vm_state(next, "update metadata", kChangeable, false);
  if (allowed && tags) allowed = check_vm_state(next, "update tag", kChangeable, true);
  if (allowed && metadata)
    allowed = change_metadata(request, world_.records.quota(next.spec.project_id, context.user_id).metadata_items,
                              properties);
  if (allowed && tags) allowed = change_tags(request, properties);
  if (!allowed) co_return std::unexpected(allowed.error());
  if (!request.name.empty()) next.name = request.name;
  if (!request.hostname.empty()) next.hostname = request.hostname;
  if (request.sets_description) properties.description = request.description;
  set_access(request.access, properties);
  co_return co_await store(std::move(next), std::move(held->properties), ActionChanges(world_));
}

Task<Expected<Empty>> ServerChanges::handle(LockServer request, RequestContext context) {
  auto held = co_await hold(request.server, request.all_projects, context);
  if (!held) co_return std::unexpected(held.error());
  const Instance* row = held->row;
  ServerProperties& properties = held->properties.row();
  // Nova's policy os_compute_api:os-lock-server:unlock:unlock_override. An administrator's own server is his to unlock.
  if (!request.locked && properties.locked_by == LockedBy::kAdmin && !context.is_admin())
    co_return fail(
        ErrorCode::kPermissionDenied,
        fmt::format("server {} was locked by an administrator: only one can unlock it", to_string(row->uuid)));
  const bool owner = row->spec.project_id == context.project_id && row->spec.user_id == context.user_id;
  if (!request.locked) {
    properties.locked_by = LockedBy::kNobody;
    properties.locked_reason.clear();
  } else {
    // Who locks again changes the reason; a lock of the owner does not weaken an administrator's.
    if (properties.locked_by != LockedBy::kAdmin)
      properties.locked_by = context.is_admin() && !owner ? LockedBy::kAdmin : LockedBy::kOwner;
    properties.locked_reason = request.reason;
  }
  ActionChanges record(world_);
  const std::string action = request.locked ? "lock" : "unlock";
  record.begin(*row, action, events_of(action), context, world_.loop.wall_now(), true);
  auto stored = co_await store(*row, std::move(held->properties), std::move(record));
  if (!stored) co_return std::unexpected(stored.error());
  co_return Empty{};
}

Task<Expected<ServerList>> ServerChanges::store(Instance next, PropertyChanges properties, ActionChanges record) {
  const Uuid instance = next.uuid;
  next.updated_at = world_.loop.wall_now();
  Transaction more;
  properties.put(more);
  record.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  record.apply();
  properties.apply();
  ServerList reply;
  reply.servers.push_back(answered_row(world_.records, *world_.instances.find(instance)));
  reply.properties = properties_of(world_.records, reply.servers);
  co_return reply;
}

PropertyChanges::PropertyChanges(RecordTables& records, const Uuid& instance) : records_(records) {
  const auto& table = records.of<ServerProperties>();
  auto known = table.find(instance);
  is_known_ = known != table.end();
  row_ = is_known_ ? known->second : ServerProperties{.instance = instance};
}

// A server of which nothing is said has no row.
void PropertyChanges::put(Transaction& transaction) const {
  if (!row_.empty()) transaction.push_back(mutation::Put<ServerProperties>{row_});
  if (row_.empty() && is_known_) transaction.push_back(mutation::Erase<ServerProperties>{row_.instance});
}

void PropertyChanges::apply() {
  auto& table = records_.of<ServerProperties>();
  if (row_.empty()) {
    table.erase(row_.instance);
  } else {
    table[row_.instance] = row_;
  }
}

Expected<> check_unlocked(const RecordTables& records, const Uuid& instance, const RequestContext& context) {
  const auto& table = records.of<ServerProperties>();
  auto row = table.find(instance);
  if (row == table.end() || row->second.locked_by == LockedBy::kNobody || context.is_admin()) return {};
  return fail(ErrorCode::kConflict, fmt::format("Instance {} is locked", to_string(instance)));
}

std::vector<ServerProperties> asked_properties(const CreateServers& request, const std::vector<Instance>& rows) {
  ServerProperties said{
      .description = request.description, .user_data = request.user_data, .config_drive = request.config_drive};
  said.client_token = request.client_token;
  set_access(request.access, said);
  for (const MetadataItem& item : request.metadata) put_item(said.metadata, item);
  for (const std::string& tag : request.tags) put_tag(said.tags, tag);
  std::vector<ServerProperties> properties;
  if (said.empty()) return properties;
  for (const Instance& row : rows) {
    said.instance = row.uuid;
    properties.push_back(said);
  }
  return properties;
}

}  // namespace kilonova::controller
