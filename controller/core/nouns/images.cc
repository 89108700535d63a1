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
  return list_records(&ImageList::images, world_.records.find_image(request.image, context.project_id), "image",
                      request.image, world_.records.of<Image>(), request.marker, request.limit,
                      [&](const Image& image) { return image.is_public || image.owner == context.project_id; });
}

Task<Expected<ImageList>> Images::handle(CreateImage request, RequestContext context) {
  const auto& table = world_.records.of<Image>();
  auto owned =
      std::ranges::count_if(table, [&](const auto& entry) { return entry.second.owner == context.project_id; });
  if (static_cast<size_t>(owned) >= kImagesPerProject)
    co_return fail(ErrorCode::kQuotaExceeded,
                   fmt::format("the project has {} images, as many as it may have: delete one", owned));
  Image row;
  row.id = random_uuid(world_.random);
  row.name = request.name;
  row.owner = context.project_id;
  row.is_public = request.is_public;
  row.size_bytes = request.size_bytes;
  row.min_disk_gb = request.min_disk_gb;
  row.min_ram_mb = request.min_ram_mb;
  row.disk_format = request.disk_format;
  row.created_at = world_.loop.wall_now();
  auto committed = co_await put_record<Image>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return ImageList{{row}};
}

Task<Expected<Empty>> Images::handle(DeleteImage request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire(std::string(kImageLock));
  const Image* image = world_.records.find_image(request.image, context.project_id);
  if (!image) co_return not_found("image", request.image);
  if (image->owner != context.project_id && !context.is_admin())
    co_return fail(ErrorCode::kPermissionDenied,
                   fmt::format("image '{}' belongs to another project: only its owner may delete it", image->name));
  Uuid id = image->id;
  auto committed = co_await erase_record<Image>(world_, id);
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
