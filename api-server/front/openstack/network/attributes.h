// Bodies of Neutron's requests: which attributes a resource has, who may say them when, and what they must look like.
// Source of the rules and words: neutron/api/v2/base.py, neutron_lib/api/validators.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "base/ids.h"
#include "base/time.h"

namespace kilonova::api::openstack {

enum class Form : uint8_t {
  kText,        // at most 255 characters
  kLongText,    // at most 4096
  kBoolean,     // or a text that Neutron takes for one
  kInteger,     // or its digits
  kUuid,        //
  kUuidOrNull,  //
  kObject,
  kObjectOrNull,
  kList,
  kListOrNull,
  kTextOrNull,
  kAnything,  // is checked by the resource
};

// When a client may say it.
enum class When : uint8_t { kAlways, kCreate, kUpdate, kNever };

struct Attribute {
  std::string_view name;
  Form form;
  When when = When::kAlways;
  bool is_required = false;  // of a new one
  bool is_admins = false;    // 403 for others
};

struct ResourceForm {
  std::string_view noun;        // "floatingip", in bodies
  std::string_view collection;  // "floatingips"
  std::span<const Attribute> attributes;
};

// What the body says of one resource, checked, booleans and integers as such. `tenant_id` is in "project_id" alone,
// which a new one always has.
std::expected<Json, Refusal> read_attributes(const Call& call, const ResourceForm& form, const Json& wanted,
                                             bool is_new);
// The member of the body that is one resource.
std::expected<const Json*, Refusal> resource_in_body(const Call& call, const ResourceForm& form);

// Makes the one of the body, or of the body's list all or none. `make` gives its view; `unmake` takes one back.
using Make = Task<std::expected<Json, Refusal>> (*)(Call& call, const Json& wanted);
using Unmake = Task<Checked> (*)(Call& call, const std::string& id);
Task<Answered> create_all(Call& call, const ResourceForm& form, Make make, Unmake unmake);

// 412 where the request knows another revision: If-Match: revision_number=N.
std::optional<Refusal> check_if_match(const Call& call, uint64_t revision);

// As oslo.utils' bool_from_string(strict=True) has it; nothing for another text. And how neutron-lib refuses one.
std::optional<bool> boolean_of_text(std::string_view said);
std::unexpected<Refusal> no_boolean(std::string_view said);

// "Invalid input for name. Reason: ..."
std::unexpected<Refusal> invalid_input(std::string_view attribute, std::string_view reason);
std::unexpected<Refusal> bad_request(std::string_view type, std::string message);
std::unexpected<Refusal> not_allowed(std::string_view rule);
std::unexpected<Refusal> over_quota(std::string_view resource);

// The project that a new one belongs to: the caller's, or the one that it names. 400 for another's.
std::expected<Uuid, Refusal> project_of(const Call& call, const Json& wanted);

// tags, created_at, updated_at, revision_number, project_id.
void add_standard_tail(Json& view, const Json& tags, WallTime created_at, WallTime updated_at, uint64_t revision,
                       const std::string& project);
Json tags_of(const Json& details);
// The member or what stands for it.
Json value_or(const Json& object, std::string_view key, Json otherwise);

}  // namespace kilonova::api::openstack
