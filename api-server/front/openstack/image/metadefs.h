// Glance's metadata definitions: a namespace is one record, and what it has (objects, properties, tags, resource types)
// are lists in its body, so that a change of either is one change.
#pragma once

#include <string>
#include <string_view>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {

inline constexpr size_t kMaxMetadefName = 80;

// The namespace of the route's path, which the caller may see: 404.
Task<std::expected<StoredObject, Refusal>> find_namespace(Call& call);
// The same for who changes it, an administrator: 403.
Task<Checked> store_namespace(Call& call, StoredObject name_space);

// Of 1 to 80 characters: 400.
Checked check_metadef_name(std::string_view what, const Json& name);
// The item of this name in a list of items; nullptr without one.
Json* item_of(Json& items, std::string_view name);

// An item as it is stored, with its times; and as it is shown.
Json with_times(const Call& call, Json item);
Json object_view(const std::string& name_space, const Json& object);
Json property_view(const Json& property);
Json item_view(const Json& item);

}  // namespace kilonova::api::openstack
