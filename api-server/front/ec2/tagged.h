// What has tags, and where they lie: with the thing itself (docs/adr/0028-ec2.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/records.h"
#include "base/ids.h"
#include "domain/metadata.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

enum class TaggedKind : uint8_t {
  kInstance,
  kImage,
  kSecurityGroup,
  kInterface,
  kSubnet,
  kAddress,
  kRouteTable,
  kInternetGateway,
  kKeyPair
};
// "instance": EC2's word for it.
const char* type_of(TaggedKind kind);
// Whether a text has the form of an id of one of them.
bool is_id_of_tagged(std::string_view text);

struct Tagged {
  TaggedKind kind;
  std::string id;
  std::vector<MetadataItem> tags;
  // A server's id, or the record that is written anew with other tags.
  std::variant<Uuid, Image, openstack::StoredObject, openstack::StoredPort, openstack::StoredSubnet, KeyPair> of;
};

// InvalidID for what has no tags here; UnauthorizedOperation for an image or subnet of another project.
Task<Result<Tagged>> find_tagged(Ec2Call& call, const std::string& id);
// All that the project has.
Task<Result<std::vector<Tagged>>> all_tagged(Ec2Call& call);

// What cannot be put, before anything is changed. Instances' limits are Nova's, and the controller's to say.
Result<void> check_room(const Tagged& one, const std::vector<MetadataItem>& put);
// Takes these keys away, then puts these tags.
Task<Result<void>> change_tags(Ec2Call& call, Tagged one, std::vector<std::string> keys, std::vector<MetadataItem> put);

}  // namespace kilonova::api::ec2
