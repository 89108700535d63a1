#include "controller/core/rebuild_flow.h"

#include <utility>

#include "controller/core/answered_row.h"
#include "controller/core/create_plan.h"
#include "controller/core/nouns/server_changes.h"
#include "domain/server_actions.h"

namespace kilonova::controller {
namespace {

void change_properties(const RebuildServer& request, ServerProperties& properties) {
  if (request.sets_description) properties.description = request.description;
  set_access(request.access, properties);
  if (request.sets_user_data) properties.user_data = request.user_data;
  if (!request.replaces_metadata) return;
  properties.metadata.clear();
  for (const MetadataItem& item : request.metadata) put_item(properties.metadata, item);
}

}  // namespace

Task<Expected<ServerList>> RebuildFlow::handle(RebuildServer request, RequestContext context) {
  const ServerActionInfo& action = *find_action(ServerActionKind::kRebuild);
  auto held = co_await actions_.hold(request.server, action, context);
  if (!held) co_return std::unexpected(held.error());
  Instance next = *held->row;
  const Uuid instance = next.uuid;
  if (!request.image.empty()) {
    auto image = choose_image(request.image, context, next.spec.flavor, world_.records);
    if (!image) co_return std::unexpected(image.error());
    next.spec.image = *std::move(image);
  }
  if (request.sets_key_name) {
    if (auto key = check_key_pair(request.key_name, context, world_.records); !key)
      co_return std::unexpected(key.error());
    next.spec.key_name = request.key_name;
  }
  if (!request.name.empty()) next.name = request.name;
  if (!request.hostname.empty()) next.hostname = request.hostname;
  if (auto few = check_metadata_quota(request.metadata, world_.records.quota(next.spec.project_id).metadata_items);
      !few)
    co_return std::unexpected(few.error());
  PropertyChanges properties(world_.records, instance);
  change_properties(request, properties.row());
  Transaction more;
  properties.put(more);
  auto begun = co_await actions_.begin(std::move(next), action, std::move(context), std::move(more),
                                       [&properties] { properties.apply(); });
  if (!begun) co_return std::unexpected(begun.error());
  ServerList reply;
  reply.servers.push_back(answered_row(world_.records, *world_.instances.find(instance)));
  reply.properties = properties_of(world_.records, reply.servers);
  co_return reply;
}

}  // namespace kilonova::controller
