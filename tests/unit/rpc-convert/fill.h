// Fills any message by reflection, so that a field added tomorrow is tested without a line here.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace kilonova::rpc {

// Every field, recursively, with values that the domain can hold and that are not its defaults (an `optional` bool: either).
// Lists get two items. Of a oneof only the field named in `alternative` is set (of the top level), others get their first.
void fill(google::protobuf::Message* message, Random& random, const std::string& alternative = "");

// Paths of the fields that are not set, in depth: a message field by presence, a list when it is empty, else the default value.
// A oneof counts as set when one of its fields is.
std::vector<std::string> unset_fields(const google::protobuf::Message& message);

}  // namespace kilonova::rpc
