// What an EC2 credential opens: who signs with it, where, with which roles by now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api-server/core/token.h"
#include "api-server/front/openstack/call.h"

namespace kilonova::api::openstack {

// The kind of Keystone's credentials, of all types.
inline constexpr std::string_view kCredentials = "credential";

// Keystone: that of type ec2 has an id by which its access key finds it.
std::string id_of_ec2_credential(std::string_view access);

struct Ec2Access {
  std::string id;  // of its record
  uint64_t revision = 0;
  std::string secret;
  Uuid user;     // whose the record is, whatever its body says: that its owner can change
  Uuid project;  // it opens nothing where the user has no role there
};

// `own`: a call in the api-server's own name (as_itself). Nothing where there is none such.
Task<std::expected<std::optional<Ec2Access>, Refusal>> find_ec2_access(Call& own, std::string access_key);

// The claims of a token for it, without what is drawn; 401 where its user may do nothing there by now.
Task<std::expected<TokenClaims, Refusal>> claims_of_ec2_access(Call& own, Ec2Access access);

}  // namespace kilonova::api::openstack
