// Images by their EC2 ids.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "domain/metadata.h"
#include "domain/nouns/image.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// Those that the caller may use, also where lists have them not.
Task<Result<std::vector<Image>>> usable_images(Ec2Call& call);
std::string description_of(const Image& image);
// Its properties, but for those that are no tags: what Nova says of a snapshot, a description.
std::vector<MetadataItem> tags_of(const Image& image);
// A property by this name is none.
bool is_tag_of_image(std::string_view key);
// InvalidAMIID.Malformed for what is no id, .NotFound for one of no image that the caller may use.
Task<Result<Image>> find_image(Ec2Call& call, std::string id);

}  // namespace kilonova::api::ec2
