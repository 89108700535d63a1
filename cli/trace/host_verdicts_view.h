// What a decision made of every host, as its scheduler worked it out again. Pure.
#pragma once

#include <string>

#include "cli/output/print.h"
#include "kilonova/v1/host_verdict.pb.h"
#include "kilonova/v1/launch.pb.h"

namespace kilonova::cli {

// `verdicts` has all pages in one.
Json host_verdicts_json(const v1::Decision& decision, const v1::HostVerdicts& verdicts);
std::string render_host_verdicts(const v1::Decision& decision, const v1::HostVerdicts& verdicts, size_t width,
                                 bool color = false);

}  // namespace kilonova::cli
