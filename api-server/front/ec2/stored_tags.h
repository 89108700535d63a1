// EC2's tags in a record of OpenStack's front: a part of it that Neutron's API neither shows nor takes away, so that
// none outlives what it is of. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "api-server/front/ec2/xml.h"
#include "api-server/front/openstack/json.h"
#include "domain/metadata.h"

namespace kilonova::api::ec2 {

inline constexpr std::string_view kStoredTags = "ec2_tags";
// Of a router, which EC2 shows as a route table, and as an internet gateway that has tags of its own.
inline constexpr std::string_view kStoredGatewayTags = "ec2_gateway_tags";

// `stored`: the record's body, or the details of a subnet or port.
std::vector<MetadataItem> tags_in(const openstack::Json& stored, std::string_view member = kStoredTags);
void set_tags_in(openstack::Json& stored, const std::vector<MetadataItem>& tags, std::string_view member = kStoredTags);

// tagSet.
void add_tag_set(Xml parent, const std::vector<MetadataItem>& tags);

}  // namespace kilonova::api::ec2
