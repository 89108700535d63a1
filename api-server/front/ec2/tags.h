// Tags of instances: the metadata of servers, as in Nova's own EC2 front.
#pragma once

#include <string_view>
#include <vector>

#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "domain/metadata.h"

namespace kilonova::api::ec2 {

// Of NAME.N.Key and NAME.N.Value, by key. MissingParameter for a tag without a key.
Result<std::vector<MetadataItem>> read_tags(const Parameter& parameters, std::string_view name);

}  // namespace kilonova::api::ec2
