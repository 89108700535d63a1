// What all of Placement's handlers do alike: which microversion is asked for, reading a body, answering.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/microversion.h"
#include "api-server/front/openstack/schema.h"
#include "base/time.h"
#include "http/message.h"

namespace kilonova::api::openstack {

inline constexpr Minor kLastPlacementMinor = 39;  // Zed and after
// Placement's 1.minor as a Call, a Route and a Property have it: their minors begin with 1, Placement's with 0.
constexpr Minor v1(Minor minor) { return minor + 1; }
inline bool is_since(const Call& call, Minor minor) { return call.minor >= v1(minor); }

// 1.0 without the header. 400 for what is no version, 406 for one out of range (microversion_parse).
std::expected<Minor, VersionRefusal> negotiate_placement(const http::Request& request);
void add_placement_headers(http::Response& response, Minor minor);

// Before any handler: a body says what it is (400), and who takes no JSON gets none (406).
Answered check_placement_head(const Call& call);

// The JSON of the request, which follows the rule. 415 for another media type, 400 in jsonschema's words.
std::expected<Json, Refusal> read_json(const Call& call, const Rule& rule);
// 415 alone: for those who look for something first.
Checked require_json(const Call& call);

// An answer with a body. From 1.15 on it says when what it shows was changed last; not set: now.
Answer shown(const Call& call, Json body, WallTime modified = {}, unsigned status = 200);
// 204.
Answer nothing_to_say();
// 201 or 204 without a body, which says where the thing is.
Answer placed(unsigned status, std::string location);

// 400, "Invalid query string parameters: ...". `key`: of the parameter that is wrong.
std::unexpected<Refusal> wrong_query(std::string_view why, std::string_view key = {});
// Keys that are none of these are refused.
Checked check_query_keys(const Call& call, const std::vector<std::string_view>& known);

// Of all of them where one is set, else not set.
WallTime later(WallTime a, WallTime b);

}  // namespace kilonova::api::openstack
