// What Neutron's lists have in common: filters by attributes, sorting, pages, the choice of fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"

namespace kilonova::api::openstack {

// {collection: items} as the query asks for them. Filters compare with what the items show; `attributes` are those that
// can be asked for even where there is no item. 400 for any other. `passed`: a filter that the items have passed already,
// and do not show.
Answered neutron_list(const Call& call, std::string_view collection, std::vector<Json> items,
                      std::initializer_list<std::string_view> attributes, std::string_view passed = "");
// {name: item}, of the fields that the query asks for.
Answered neutron_item(const Call& call, std::string_view name, Json item);

// 404: "Network X could not be found.", as NetworkNotFound.
std::unexpected<Refusal> neutron_not_found(std::string_view noun, std::string_view id);

}  // namespace kilonova::api::openstack
