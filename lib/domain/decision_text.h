// A scheduling decision as the text of a log line's field, and back: what `kilonova explain --from-logs` needs of it.
// Lines of fields between tabs, the first field says what the line is:
//
//   try EPOCH ATTEMPT SCHEDULER DRIVER HOSTS_TOTAL
//   filter NAME HOSTS_LEFT              (one a filter, in their order)
//   weighed HOST WEIGHT [WEIGHER RAW WEIGHT MULTIPLIER]...
//   ratios VCPUS MEMORY DISK
//   chosen HOST | alternate HOST | from_alternates | reason TEXT | explanation TEXT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/request_spec.h"

namespace kilonova {

// Tabs and line ends in names and reasons become blanks; numbers read back equal.
std::string to_text(const Decision& decision);

// Nothing for a text that to_text() did not write.
std::optional<Decision> parse_decision(std::string_view text);

}  // namespace kilonova
