// The text of version 1, in which a struct was its fields alone, brought to the form of codec.h, in which their number
// stands before them. What the structs of version 1 were is frozen here: nothing in this file follows today's structs.
//
// Each function answers the same values in today's form, or kDataLoss for a text that version 1 did not write.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace kilonova {

Expected<std::string> request_spec_of_version_1(std::string_view text);   // instances.spec
Expected<std::string> addresses_of_version_1(std::string_view text);      // instances.addresses; "" = none, as today
Expected<std::string> launch_record_of_version_1(std::string_view text);  // launch_records.record
// A record of a guest journal: "put" and the guest, or "erase", which has no struct.
Expected<std::string> guest_change_of_version_1(std::string_view text);

}  // namespace kilonova
