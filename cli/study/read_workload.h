// The hosts and the requests that a study names, read and made one workload.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/study/study_file.h"
#include "sim/study/workload.h"

namespace kilonova::cli {

// Pure: from the texts of the two files, whose names are for messages. Times are those of the file, faster by
// StudyFile::speed; where all requests come at one moment, they come a second apart. kInvalidArgument: one line with the
// file, the line, the column and its value, and what would be right.
Expected<study::Workload> make_workload(const StudyFile& file, std::string_view hosts, const std::string& hosts_name,
                                        std::string_view requests, const std::string& requests_name);

// The same from the files themselves, which `study_path` is beside. kNotFound or kUnavailable when one cannot be read.
Expected<study::Workload> read_workload(const StudyFile& file, const std::string& study_path);

}  // namespace kilonova::cli
