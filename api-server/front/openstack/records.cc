#include "api-server/front/openstack/records.h"

#include <utility>

#include "base/ids.h"
#include "domain/nouns/api_record.h"

namespace kilonova::api::openstack {
namespace {

StoredObject object_from(ApiRecord record) {
  StoredObject object;
  object.id = std::move(record.id);
  object.owner = std::move(record.owner);
  object.unique_name = std::move(record.unique_name);
  object.body = parse_json(record.body).value_or(Json::object());
  object.revision = record.revision;
  object.created_at = record.created_at;
  object.updated_at = record.updated_at;
  return object;
}

}  // namespace

std::string new_id(Call& call) { return to_hex(call.core.new_uuid()); }
std::string new_dashed_id(Call& call) { return to_string(call.core.new_uuid()); }

Task<std::expected<std::vector<StoredObject>, Refusal>> all_objects(Call& call, std::string_view kind,
                                                                    std::string owner) {
  std::vector<StoredObject> objects;
  ListApiRecords page{.kind = std::string(kind), .owner = std::move(owner)};
  for (;;) {
    Expected<ApiRecordList> list = co_await call.core.ask_own(call.meta, page);
    if (!list) co_return std::unexpected(refusal_of(list.error()));
    if (list->more && !list->records.empty()) page.marker = list->records.back().id;
    bool is_last = !list->more || list->records.empty();
    for (ApiRecord& record : list->records) objects.push_back(object_from(std::move(record)));
    if (is_last) co_return objects;
  }
}

Task<std::expected<std::optional<StoredObject>, Refusal>> find_object(Call& call, std::string_view kind,
                                                                      std::string id) {
  ListApiRecords one{.kind = std::string(kind), .id = std::move(id)};
  // What no record's id can be is none's.
  if (one.id.empty() || !one.check()) co_return std::nullopt;
  Expected<ApiRecordList> list = co_await call.core.ask_own(call.meta, std::move(one));
  if (!list && list.error().code == ErrorCode::kNotFound) co_return std::nullopt;
  if (!list) co_return std::unexpected(refusal_of(list.error()));
  if (list->records.empty()) co_return std::nullopt;
  co_return object_from(std::move(list->records.front()));
}

Task<std::expected<StoredObject, Refusal>> put_object(Call& call, std::string_view kind, StoredObject object) {
  PutApiRecord put{.kind = std::string(kind),
                   .id = std::move(object.id),
                   .owner = std::move(object.owner),
                   .unique_name = std::move(object.unique_name),
                   .body = to_text(object.body),
                   .revision = object.revision};
  Expected<ApiRecordList> list = co_await call.core.ask_own(call.meta, std::move(put));
  if (!list) co_return std::unexpected(refusal_of(list.error()));
  if (list->records.empty()) co_return refused(500, "what was stored was not told");
  co_return object_from(std::move(list->records.front()));
}

Task<Checked> delete_object(Call& call, std::string_view kind, std::string id) {
  DeleteApiRecord gone{.kind = std::string(kind), .id = std::move(id)};
  Expected<Empty> done = co_await call.core.ask_own(call.meta, std::move(gone));
  if (!done) co_return std::unexpected(refusal_of(done.error()));
  co_return Checked();
}

Task<Checked> delete_objects_of(Call& call, std::string_view kind, std::string_view member, std::string text) {
  auto objects = co_await all_objects(call, kind);
  if (!objects) co_return std::unexpected(std::move(objects.error()));
  for (const StoredObject& object : *objects) {
    if (text_at(object.body, member) != text) continue;
    auto gone = co_await delete_object(call, kind, object.id);
    if (!gone && gone.error().status != 404) co_return std::unexpected(std::move(gone.error()));
  }
  co_return Checked();
}

}  // namespace kilonova::api::openstack
