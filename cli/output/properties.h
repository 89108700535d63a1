// Properties as the command takes and shows them: key=value.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "cli/output/print.h"
#include "kilonova/v1/common.pb.h"

namespace kilonova::cli {

using Properties = google::protobuf::RepeatedPtrField<v1::MetadataItem>;

// Adds what `--property` was given. kInvalidArgument for one that is not key=value; nothing is added then.
Expected<> add_properties(const std::vector<std::string>& given, Properties* properties);

// "ssd='true', zone='a'".
std::string properties_text(const Properties& properties);
Json properties_json(const Properties& properties);

}  // namespace kilonova::cli
