// EC2's ids of what this cloud has. None needs a record (docs/adr/0028-ec2.md). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "domain/instance.h"

namespace kilonova::api::ec2 {

// "i-0000002a", by which the controller finds the server too.
std::string instance_id(const Instance& server);
bool is_instance_id(std::string_view text);
// "ami-" and the first 17 hexadecimal digits of the image's id.
std::string image_id(const Uuid& image);
bool is_image_id(std::string_view text);
// "sg-" or another kind's letters, and the first 17 hexadecimal digits of the row's id.
std::string long_id(std::string_view prefix, const Uuid& id);
// "" for a text that is no UUID.
std::string long_id(std::string_view prefix, std::string_view uuid);
bool is_long_id(std::string_view prefix, std::string_view text);
// One that AWS could have given, today or until 2016, with 8 digits: such an id may be nobody's, but is well formed.
bool is_well_formed_id(std::string_view prefix, std::string_view text);
// The project's one VPC.
std::string vpc_id(const Uuid& project);
// Of a floating IP while it leads to this address of this port.
std::string association_id(std::string_view floating_ip, std::string_view port, std::string_view address);
// Of a router's route table and a subnet on it.
std::string route_association_id(std::string_view router, std::string_view subnet);
// "key-" and 17 digits that are the same for the same user and name.
std::string key_pair_id(const Uuid& user, std::string_view name);

}  // namespace kilonova::api::ec2
