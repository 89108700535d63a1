// Tags: the metadata of servers, as in Nova's own EC2 front, properties of images, and what Neutron's records keep.
#pragma once

#include <string_view>
#include <vector>

#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "domain/metadata.h"

namespace kilonova::api::ec2 {

// Of NAME.N.Key and NAME.N.Value, by key. MissingParameter for a tag without a key.
Result<std::vector<MetadataItem>> read_tags(const Parameter& parameters, std::string_view name);
// Of all TagSpecification.N.Tag.N of this type of resource. One of another type is refused with `code`, and `words`
// behind its name; but for `also`, which somebody else reads.
Result<std::vector<MetadataItem>> read_tag_specifications(const Parameter& parameters, std::string_view type,
                                                          std::string code, std::string_view words,
                                                          std::string_view also = {});
// AWS's limits, of those that are kept where Nova knows none. TagLimitExceeded, InvalidParameterValue.
Result<void> check_tags_of_record(const std::vector<MetadataItem>& tags);

}  // namespace kilonova::api::ec2
