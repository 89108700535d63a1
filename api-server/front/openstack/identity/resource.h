// A Keystone resource that is a record and nothing else: what makes one kind differ from another, and the five handlers
// that all of them share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/records.h"
#include "api-server/front/openstack/schema.h"

namespace kilonova::api::openstack {

struct Resource {
  std::string_view kind;        // of its records: "region"
  std::string_view noun;        // of its member in bodies: "region"
  std::string_view collection;  // "regions", in paths and lists
  std::string_view words;       // in "Could not find ...": "region"
  // Those that this cloud has by itself: shown, never changed. null: none.
  std::vector<StoredObject> (*built_in)(const Call& call) = nullptr;
  // What a member must look like; unknown ones are kept, as Keystone keeps extras.
  std::vector<Property> (*properties)() = nullptr;
  // Fills in what the client did not give. Called for a new one, before `check`.
  void (*complete)(const Call& call, Json& body) = nullptr;
  // After a PATCH said `wanted`, which is in `body` by then: members that go with others.
  void (*merge)(const Json& wanted, Json& body) = nullptr;
  // Refuses what the form cannot say: an unknown service, a name that is taken. `before`: null for a new one.
  Task<Checked> (*check)(Call& call, const Json& body, const Json& before) = nullptr;
  // Before it is deleted.
  Task<Checked> (*check_delete)(Call& call, const Json& body) = nullptr;
  std::string (*unique_name)(const Json& body) = nullptr;
  std::string (*owner)(const Json& body) = nullptr;  // a user's id, who may read and change its own
  // What is shown of it; null: all. `is_new`: in the answer to its creation, where secrets are shown once.
  void (*show)(Json& body, bool is_new) = nullptr;
  // The members that a PATCH may have; empty: all.
  std::vector<std::string_view> (*changeable)() = nullptr;
};

// What its record is shown as: id and links with what the record has.
Json resource_view(const Call& call, const Resource& resource, const StoredObject& object, bool is_new = false);

Task<Answered> list_resources(Call& call, const Resource& resource, std::vector<std::string_view> filters);
Task<Answered> show_resource(Call& call, const Resource& resource, std::string_view part);
// `id`: "" = a new one is drawn.
Task<Answered> create_resource(Call& call, const Resource& resource, std::string id = {});
Task<Answered> update_resource(Call& call, const Resource& resource, std::string_view part);
Task<Answered> delete_resource(Call& call, const Resource& resource, std::string_view part);
// The one that the path's part names. 404 in Keystone's words, 403 where it is another user's.
Task<std::expected<StoredObject, Refusal>> find_resource(Call& call, const Resource& resource, std::string_view part);

// The body's one member; 400 without it.
std::expected<const Json*, Refusal> member_of_body(const Call& call, std::string_view noun);
// The refusal of one that breaks a rule; of a new one, that lacks what is required. Unknown members are extras.
std::optional<Refusal> check_form(const std::vector<Property>& properties, const Json& body, bool is_new);

// "Conflict occurred attempting to store region - ..."
std::unexpected<Refusal> keystone_conflict(std::string_view noun, std::string_view why);
std::unexpected<Refusal> not_authorized(const Call& call);

// Text that is not blank, `most` characters at most: Keystone's names.
Rule keystone_name(size_t most = 255);
// Only true and false.
Rule plain_boolean();

}  // namespace kilonova::api::openstack
