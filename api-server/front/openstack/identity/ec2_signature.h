// Signatures of requests that somebody else was sent and describes to Keystone, to be told whose they are. Pure. Rule:
// keystoneclient's contrib/ec2/utils.py, versions 0, 1, 2 and 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api-server/front/openstack/json.h"

namespace kilonova::api::openstack {

// What the request must be signed with by the holder of this secret. `request`: {"verb", "host", "path", "params",
// "headers", "body_hash"} of ec2tokens. Nothing where it says too little, or names no version that there is.
std::optional<std::string> ec2_signature(const Json& request, std::string_view secret);

// Of a request to an object store, whose string to sign is the base64 (of URLs) in "token"; likewise. Rule: Keystone's
// api/s3tokens.py.
std::optional<std::string> s3_signature(const Json& request, std::string_view secret);

// When it says that it was signed; "" where it does not say so.
std::string ec2_timestamp(const Json& request);

}  // namespace kilonova::api::openstack
