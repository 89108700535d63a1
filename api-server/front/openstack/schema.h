// The forms of request bodies, as Nova's JSON schemas have them, with their words. A rule is built once and checks any
// JSON; reading what passed needs no further care.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/microversion.h"

namespace kilonova::api::openstack {

struct Failure {
  std::string field;  // the innermost name, "" = the body itself
  std::string value;  // in Python's notation
  std::string message;
  bool is_whole = false;  // the message says it all
};

// Of one value, whose name is `field`.
using Rule = std::function<std::optional<Failure>(const Json& value, const std::string& field, Minor minor)>;

struct Property {
  std::string name;
  Rule rule;
  bool required = false;
  Minor since = kFirstMinor;  // outside these it is an unknown one
  Minor until = kLastMinor;
};

Rule anything();
Rule text(size_t least = 0, size_t most = 65'535);
// Nova's name: 1 to 255 printable characters, no white space at either end.
Rule name();
// An integer, or its digits as a string.
Rule integer(int64_t least, int64_t most = 2'147'483'647);
// true and false, or one of the strings that Nova takes for them.
Rule boolean();
Rule one_of(std::vector<std::string> values);
Rule uuid();
Rule null_or(Rule rule);
Rule list_of(Rule rule, size_t least = 0, size_t most = SIZE_MAX);
// An object of these and no others.
Rule object(std::vector<Property> properties);
// An object of any keys, whose values follow the rule.
Rule map_of(Rule rule);
// nova/api/validation/parameter_types.py metadata: texts under keys of a pattern.
Rule metadata_map();
// An object with one property: the body of most requests.
Rule body_of(std::string property, Rule rule);

// The refusal of a body that breaks the rule, in Nova's words; nothing for one that follows it.
std::optional<Refusal> check_schema(const Rule& rule, const Json& body, Minor minor);

// Of values that passed integer() and boolean(); `otherwise` where there is none.
int64_t integer_at(const Json& object, std::string_view key, int64_t otherwise);
bool boolean_at(const Json& object, std::string_view key, bool otherwise);

}  // namespace kilonova::api::openstack
