// Rules for Placement's bodies, which are stricter than Nova's: a number in quotes is no number
// (placement/schemas/*.py, jsonschema's words).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "api-server/front/openstack/schema.h"
#include "domain/form_rules.h"

namespace kilonova::api::openstack {

// ^[A-Z0-9_]+$: resource classes, traits and types of consumers.
bool is_upper_word(std::string_view text);
// ^CUSTOM_[A-Z0-9_]+$
bool is_custom_name(std::string_view text);
// 36 characters of hexadecimal digits and dashes.
bool is_uuid_key(std::string_view text);
// As oslo_utils.uuidutils.is_uuid_like has it; "" for no uuid, else with dashes and in lower case.
std::string uuid_text(std::string_view text);

// A failure as jsonschema tells it: with the keyword that was broken and where in the schema it stands.
std::string validation_text(const Failure& failure);

Rule whole(int64_t least = std::numeric_limits<int64_t>::min(), int64_t most = kMaxAmount);
Rule number();  // up to the largest float
Rule custom_name();
Rule upper_word(size_t most = 255);
Rule uuid_in_form();  // 'x' is not a 'uuid'
Rule unique_list_of(Rule rule);
// An object whose keys pass `is_key`, which is `pattern`, and whose values follow the rule.
Rule keyed(bool (*is_key)(std::string_view), std::string pattern, Rule rule, size_t least = 0);

}  // namespace kilonova::api::openstack
