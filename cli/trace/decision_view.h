// Why a server went to its host, or to none: the scheduler's account of each try. Pure.
#pragma once

#include <string>

#include "cli/output/print.h"
#include "kilonova/v1/cloud_servers.pb.h"

namespace kilonova::cli {

Json decision_json(const v1::Decision& decision);
std::string render_decision(const v1::Decision& decision, size_t width);

}  // namespace kilonova::cli
