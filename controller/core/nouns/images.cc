#include "controller/core/nouns/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "controller/core/named_records.h"
#include "controller/core/snapshots.h"
#include "domain/nouns/image.h"
#include "domain/operation.h"

namespace kilonova::controller {
namespace {

constexpr size_t kImagesPerProject = 1'000;

}  // namespace

Expected<ImageList> Images::handle(const ListImages& request, const RequestContext& context) const {
  const Uuid& project = context.project_id;
  auto visible = [&](const Image& image) {
    if (context.is_admin()) return true;
    return request.usable ? may_use(image, project) : is_listed(image, project);
  };
  return list_records(&ImageList::images, world_.records.find_image(request.image, project, context.is_admin()),
                      "image", request.image, world_.records.of<Image>(), request.marker, request.limit, visible);
}

Expected<> Images::check_quota(const Uuid& project) const {
  const auto& table = world_.records.of<Image>();
  auto owned = std::ranges::count_if(table, [&](const auto& entry) { return entry.second.owner == project; });
  if (static_cast<size_t>(owned) < kImagesPerProject) return {};
  return fail(ErrorCode::kQuotaExceeded,
              fmt::format("the project has {} images, as many as it may have: delete one", owned));
}

Task<Expected<ImageList>> Images::handle(CreateImage request, RequestContext context) {
  if (auto room = check_quota(context.project_id); !room) co_return std::unexpected(room.error());
  Image row;
  row.id = random_uuid(world_.random);
  row.name = request.name;
  row.owner = context.project_id;
  row.visibility = request.is_public ? ImageVisibility::kPublic : ImageVisibility::kPrivate;
  row.size_bytes = request.size_bytes;
  row.min_disk_gb = request.min_disk_gb;
  row.min_ram_mb = request.min_ram_mb;
  row.disk_format = request.disk_format;
  row.created_at = world_.loop.wall_now();
  auto committed = co_await put_record<Image>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return ImageList{{row}};
}

Task<Expected<ImageList>> Images::handle(PutImage request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire(std::string(kImageLock));
  const auto& table = world_.records.of<Image>();
  auto known = table.find(request.image.id);
  Image row = std::move(request.image);
  if (row.revision == 0) {
    if (known != table.end()) co_return already_exists("image", to_string(row.id));
    if (auto room = check_quota(row.owner); !room) co_return std::unexpected(room.error());
    row.created_at = world_.loop.wall_now();
  } else {
    if (known == table.end()) co_return not_found("image", to_string(row.id));
    const Image& before = known->second;
    if (before.revision != row.revision)
      co_return fail(ErrorCode::kConflict, fmt::format("image '{}' was changed meanwhile: it has revision {}, not {}",
                                                       to_string(row.id), before.revision, row.revision));
    row.created_at = before.created_at;
    row.server = before.server;
    row.rotation = before.rotation;
  }
  row.revision += 1;
  row.updated_at = world_.loop.wall_now();
  auto committed = co_await put_record<Image>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return ImageList{{std::move(row)}};
}

Task<Expected<Empty>> Images::handle(DeleteImage request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire(std::string(kImageLock));
  const Image* image = world_.records.find_image(request.image, context.project_id, context.is_admin());
  if (!image) co_return not_found("image", request.image);
  if (image->owner != context.project_id && !context.is_admin())
    co_return fail(ErrorCode::kPermissionDenied,
                   fmt::format("image '{}' belongs to another project: only its owner may delete it", image->name));
  if (image->is_protected)
    co_return fail(ErrorCode::kPermissionDenied,
                   fmt::format("Image {} is protected and cannot be deleted.", to_string(image->id)));
  Uuid id = image->id;
  auto committed = co_await erase_record<Image>(world_, id);
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
