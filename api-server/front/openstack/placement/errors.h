// Errors in Placement's form: placement/util.py json_error_formatter over webob's sentences.
#pragma once

#include <string_view>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/microversion.h"
#include "http/message.h"

namespace kilonova::api::openstack {

// The codes of placement/errors.py that clients act upon: the `type` of a Refusal.
inline constexpr std::string_view kConcurrentUpdate = "placement.concurrent_update";  // read again, and try again
inline constexpr std::string_view kInventoryInUse = "placement.inventory.inuse";
inline constexpr std::string_view kDuplicateName = "placement.duplicate_name";
inline constexpr std::string_view kProviderInUse = "placement.resource_provider.inuse";
inline constexpr std::string_view kCannotDeleteParent = "placement.resource_provider.cannot_delete_parent";
inline constexpr std::string_view kProviderNotFound = "placement.resource_provider.not_found";
inline constexpr std::string_view kDuplicateKey = "placement.query.duplicate_key";
inline constexpr std::string_view kBadValue = "placement.query.bad_value";
inline constexpr std::string_view kMissingValue = "placement.query.missing_value";

inline std::unexpected<Refusal> refused_with(unsigned status, std::string_view code, std::string message) {
  return refused(status, std::move(message), std::string(code));
}

// `minor`: of the call, which says whether there are codes; 0 = no version was agreed on, and a 406 says which there
// are.
http::Response placement_error(const Refusal& refusal, std::string_view request_id, Minor minor);

}  // namespace kilonova::api::openstack
