// Keys with values, as every API of OpenStack writes them: {"key": "value"}.
#pragma once

#include <vector>

#include "api-server/front/openstack/json.h"
#include "domain/metadata.h"

namespace kilonova::api::openstack {

Json metadata_json(const std::vector<MetadataItem>& items);
// Of an object whose values are texts, or numbers, which are kept as their digits.
std::vector<MetadataItem> metadata_items(const Json& object);

}  // namespace kilonova::api::openstack
