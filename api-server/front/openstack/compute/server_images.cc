// Actions that make images of servers: createImage, createBackup.
#include <utility>

#include "api-server/front/openstack/compute/server_action_bodies.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/metadata_json.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/server_request.h"

namespace kilonova::api::openstack {
namespace {

std::vector<MetadataItem> metadata_of(const Json& wanted) {
  const Json* metadata = member(wanted, "metadata");
  return metadata == nullptr ? std::vector<MetadataItem>() : metadata_items(*metadata);
}

// From 2.45 on the answer says the id. Before, a header has the place of the image, and there is no body.
Answered image_answer(const Call& call, const ImageList& made, std::string place) {
  if (made.images.empty()) return refused(500, "no image was made");
  const std::string id = to_string(made.images.front().id);
  if (call.minor >= 45) return Answer{202, {{"image_id", id}}};
  Answer answer{202, nullptr};
  if (!place.empty()) answer.headers.emplace_back("Location", place + id);
  return answer;
}

}  // namespace

Task<Answered> create_image(Call& call) {
  static const Rule rule = body_of("createImage", object({{"name", name(), true}, {"metadata", metadata_map()}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const Json& wanted = *member(call.body, "createImage");
  auto made =
      co_await ask(call, CreateServerImage{to_string(server->uuid), text_at(wanted, "name"), metadata_of(wanted)});
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return image_answer(call, *made, call.base + "/image/images/");
}

Task<Answered> create_backup(Call& call) {
  static const Rule rule = body_of("createBackup", object({{"name", name(), true},
                                                           {"backup_type", text(0, 255), true},
                                                           {"rotation", integer(0), true},
                                                           {"metadata", metadata_map()}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const Json& wanted = *member(call.body, "createBackup");
  CreateServerBackup request{to_string(server->uuid), text_at(wanted, "name"), text_at(wanted, "backup_type"),
                             integer_at(wanted, "rotation", 0), metadata_of(wanted)};
  const bool stays = request.rotation > 0;
  auto made = co_await ask(call, std::move(request));
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return image_answer(call, *made, stays ? self_url(call, "/images/") : "");
}

}  // namespace kilonova::api::openstack
