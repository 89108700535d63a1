#include "controller/core/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/core/single_commit.h"

namespace kilonova::controller {
namespace {

constexpr size_t kKeyPairsPerUser = 100;  // nova quota key_pairs

std::unexpected<Error> not_found(std::string_view what, std::string_view name) {
  return fail(ErrorCode::kNotFound, fmt::format("{} '{}' not found", what, name));
}

std::unexpected<Error> taken(std::string_view what, std::string_view name) {
  return fail(ErrorCode::kAlreadyExists, fmt::format("{} '{}' already exists", what, name));
}

}  // namespace

Expected<ApiResponse> Catalog::list(const ListFlavors& request, const RequestContext& context) const {
  FlavorList reply;
  if (!request.flavor.empty()) {
    const Flavor* flavor = world_.records.find_flavor(request.flavor, context.is_admin());
    if (!flavor) return not_found("flavor", request.flavor);
    reply.flavors.push_back(*flavor);
    return reply;
  }
  for (const auto& [id, flavor] : world_.records.flavors)
    if (flavor.is_public || context.is_admin()) reply.flavors.push_back(flavor);
  return reply;
}

Expected<ApiResponse> Catalog::list(const ListImages& request, const RequestContext& context) const {
  ImageList reply;
  if (!request.image.empty()) {
    const Image* image = world_.records.find_image(request.image, context.project_id);
    if (!image) return not_found("image", request.image);
    reply.images.push_back(*image);
    return reply;
  }
  for (const auto& [id, image] : world_.records.images)
    if (image.is_public || image.owner == context.project_id) reply.images.push_back(image);
  return reply;
}

Expected<ApiResponse> Catalog::list(const ListKeyPairs& request, const RequestContext& context) const {
  KeyPairList reply;
  for (const auto& [key, pair] : world_.records.key_pairs)
    if (key.first == context.user_id && (request.name.empty() || request.name == pair.name))
      reply.key_pairs.push_back(pair);
  if (!request.name.empty() && reply.key_pairs.empty()) return not_found("key pair", request.name);
  return reply;
}

Task<Expected<ApiResponse>> Catalog::create(CreateFlavor request) {
  auto lock = co_await world_.record_locks.acquire("flavor");
  Flavor row = request.flavor;
  if (row.id.empty() || row.id == "auto") row.id = to_string(random_uuid(world_.random));
  for (const auto& [id, flavor] : world_.records.flavors) {
    if (id == row.id) co_return taken("flavor id", row.id);
    if (flavor.name == row.name) co_return taken("flavor", row.name);
  }
  auto committed = co_await commit_one(world_, mutation::PutFlavor{row});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.flavors[row.id] = row;
  co_return FlavorList{{row}};
}

Task<Expected<ApiResponse>> Catalog::remove(DeleteFlavor request) {
  const Flavor* flavor = world_.records.find_flavor(request.flavor, true);
  if (!flavor) co_return not_found("flavor", request.flavor);
  std::string id = flavor->id;
  auto committed = co_await commit_one(world_, mutation::EraseFlavor{id});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.flavors.erase(id);
  co_return Empty{};
}

Task<Expected<ApiResponse>> Catalog::create(CreateImage request, RequestContext context) {
  if (request.is_public && !context.is_admin())
    co_return fail(ErrorCode::kPermissionDenied, "only an administrator may make an image public");
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
  auto committed = co_await commit_one(world_, mutation::PutImage{row});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.images[row.id] = row;
  co_return ImageList{{row}};
}

Task<Expected<ApiResponse>> Catalog::remove(DeleteImage request, RequestContext context) {
  const Image* image = world_.records.find_image(request.image, context.project_id);
  if (!image) co_return not_found("image", request.image);
  if (image->owner != context.project_id && !context.is_admin())
    co_return fail(ErrorCode::kPermissionDenied,
                   fmt::format("image '{}' belongs to another project: only its owner may delete it", image->name));
  Uuid id = image->id;
  auto committed = co_await commit_one(world_, mutation::EraseImage{id});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.images.erase(id);
  co_return Empty{};
}

Task<Expected<ApiResponse>> Catalog::create(CreateKeyPair request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire("key pair");
  KeyPair row = request.key_pair;
  row.user_id = context.user_id;
  row.created_at = world_.loop.wall_now();
  auto& pairs = world_.records.key_pairs;
  if (pairs.contains({row.user_id, row.name})) co_return taken("key pair", row.name);
  auto mine = std::ranges::count_if(pairs, [&](const auto& entry) { return entry.first.first == context.user_id; });
  if (static_cast<size_t>(mine) >= kKeyPairsPerUser)
    co_return fail(ErrorCode::kQuotaExceeded, "Quota exceeded, too many key pairs.");
  auto committed = co_await commit_one(world_, mutation::PutKeyPair{row});
  if (!committed) co_return std::unexpected(committed.error());
  pairs[{row.user_id, row.name}] = row;
  co_return KeyPairList{{row}};
}

Task<Expected<ApiResponse>> Catalog::remove(DeleteKeyPair request, RequestContext context) {
  if (!world_.records.key_pairs.contains({context.user_id, request.name}))
    co_return not_found("key pair", request.name);
  auto committed = co_await commit_one(world_, mutation::EraseKeyPair{context.user_id, request.name});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.key_pairs.erase({context.user_id, request.name});
  co_return Empty{};
}

}  // namespace kilonova::controller
