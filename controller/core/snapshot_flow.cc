#include "controller/core/snapshot_flow.h"

#include <utility>

#include "controller/core/snapshots.h"
#include "domain/server_actions.h"

namespace kilonova::controller {
namespace {

// nova/compute/utils.py create_image: what the caller said gives way to what is known.
void add_facts(Image& image, const Instance& server, const RequestContext& context) {
  put_item(image.properties, {"instance_uuid", to_string(server.uuid)});
  put_item(image.properties, {"user_id", to_hex(context.user_id)});
  put_item(image.properties, {"owner_id", to_hex(image.owner)});
  put_item(image.properties, {"base_image_ref", to_string(server.spec.image.id)});
  put_item(image.properties, {"image_location", "snapshot"});
  image.server = server.uuid;
  image.size_bytes = server.spec.image.size_bytes;
  image.min_disk_gb = server.spec.flavor.root_gb;
}

}  // namespace

Task<Expected<ImageList>> SnapshotFlow::handle(CreateServerImage request, RequestContext context) {
  Image image{.name = std::move(request.name), .properties = {{"image_type", "snapshot"}}};
  // Its caller may call it something else, as in Nova.
  for (const MetadataItem& item : request.metadata) put_item(image.properties, item);
  return make(std::move(request.server), *find_action(ServerActionKind::kCreateImage), std::move(image),
              std::move(context));
}

Task<Expected<ImageList>> SnapshotFlow::handle(CreateServerBackup request, RequestContext context) {
  Image image{.name = std::move(request.name)};
  for (const MetadataItem& item : request.metadata) put_item(image.properties, item);
  put_item(image.properties, {"image_type", "backup"});
  put_item(image.properties, {"backup_type", request.backup_type});
  image.rotation = request.rotation;
  return make(std::move(request.server), *find_action(ServerActionKind::kCreateBackup), std::move(image),
              std::move(context));
}

Task<Expected<ImageList>> SnapshotFlow::make(std::string server, const ServerActionInfo& action, Image image,
                                             RequestContext context) {
  auto held = co_await actions_.hold(std::move(server), action, context);
  if (!held) co_return std::unexpected(held.error());
  co_return co_await make_of(*std::move(held), action, std::move(image), std::move(context));
}

Task<Expected<Empty>> SnapshotFlow::shelve(std::string server, RequestContext context) {
  const ServerActionInfo& action = *find_action(ServerActionKind::kShelve);
  auto held = co_await actions_.hold(std::move(server), action, context);
  if (!held) co_return std::unexpected(held.error());
  Image image{.name = held->row->name + "-shelved"};
  put_item(image.properties, {"image_type", "snapshot"});
  auto made = co_await make_of(*std::move(held), action, std::move(image), std::move(context));
  if (!made) co_return std::unexpected(made.error());
  co_return Empty{};
}

Task<Expected<ImageList>> SnapshotFlow::make_of(HostActionFlow::Held held, const ServerActionInfo& action, Image image,
                                                RequestContext context) {
  image.id = random_uuid(world_.random);
  image.owner = context.project_id;
  image.visibility = ImageVisibility::kPrivate;
  image.status = "queued";
  image.created_at = world_.loop.wall_now();
  add_facts(image, *held.row, context);
  if (auto base = world_.records.of<Image>().find(held.row->spec.image.id); base != world_.records.of<Image>().end())
    image.min_ram_mb = base->second.min_ram_mb;
  SnapshotChanges snapshot(world_.records, world_.loop.wall_now());
  snapshot.begin(image);
  Transaction more;
  snapshot.put(more);
  // In memory before the host is told: it may be done at once.
  Instance next = *held.row;
  if (action.action == ServerActionKind::kShelve) next.shelved_image = image.id;
  auto begun = co_await actions_.begin(std::move(next), action, std::move(context), std::move(more),
                                       [&snapshot] { snapshot.apply(); });
  if (!begun) co_return std::unexpected(begun.error());
  co_return ImageList{{std::move(image)}, false};
}

}  // namespace kilonova::controller
