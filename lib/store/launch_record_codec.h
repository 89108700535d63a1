// The text of one AppendLaunchRecord: its steps and its decisions. What a step has in common with the step
// before it is left out, so that thirteen steps take few hundred bytes; texts of one server can be joined.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "ports/controller_store.h"

namespace kilonova {

std::string encode_launch_record(const mutation::AppendLaunchRecord& record);

// Appends the rows to those already there. kDataLoss for a text that was not written by encode_launch_record.
Expected<> decode_launch_record(std::string_view text, LaunchRecordRows& rows);

}  // namespace kilonova
