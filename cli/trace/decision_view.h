// Why a server went to its host, or to none: the scheduler's account of each try. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/output/print.h"
#include "kilonova/v1/cloud_servers.pb.h"

namespace kilonova::cli {

Json decision_json(const v1::Decision& decision);
std::string render_decision(const v1::Decision& decision, size_t width, bool color = false);

// A row a decision for CSV and the like; titles first.
std::vector<std::string> decision_titles();
std::vector<std::string> decision_row(const v1::Server& server, const v1::Decision& decision);

}  // namespace kilonova::cli
