// Records of this front's own kinds (domain/nouns/api_record.h), as its handlers see them: JSON objects with an id.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "base/time.h"
#include "runtime/task.h"

namespace kilonova::api::openstack {

struct StoredObject {
  std::string id;
  std::string owner;        // project or user; "" = nobody's
  std::string unique_name;  // "" = need not be unique
  Json body = Json::object();
  uint64_t revision = 0;  // 0 = not stored yet
  WallTime created_at = {};
  WallTime updated_at = {};
};

// 32 hex digits, Keystone's form; with dashes, Neutron's and Glance's. From the system's randomness.
std::string new_id(Call& call);
std::string new_dashed_id(Call& call);

// By id. `owner`: "" = anybody's.
Task<std::expected<std::vector<StoredObject>, Refusal>> all_objects(Call& call, std::string_view kind,
                                                                    std::string owner = {});
// Nothing where there is none.
Task<std::expected<std::optional<StoredObject>, Refusal>> find_object(Call& call, std::string_view kind,
                                                                      std::string id);
// Makes it (revision 0) or replaces the one of this revision, and gives back what is stored. 409 where its id or unique
// name is taken, or somebody was faster; 404 where it is gone.
Task<std::expected<StoredObject, Refusal>> put_object(Call& call, std::string_view kind, StoredObject object);
// 404 where it is gone.
Task<Checked> delete_object(Call& call, std::string_view kind, std::string id);
// Those whose body has this text in this member. One that is gone meanwhile is no failure; after another failure some of
// them are there still.
Task<Checked> delete_objects_of(Call& call, std::string_view kind, std::string_view member, std::string text);

}  // namespace kilonova::api::openstack
