// Why a server went to its host, or to none: the scheduler's account of each try. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/output/print.h"
#include "kilonova/v1/cloud_servers.pb.h"
#include "kilonova/v1/launch.pb.h"

namespace kilonova::cli {

// What the weighers said of a host: as JSON, and one of them in a cell, with what it saw in brackets.
using Scores = google::protobuf::RepeatedPtrField<v1::WeigherScore>;
Json scores_json(const Scores& scores);
std::string score_text(const v1::WeigherScore& score);

Json decision_json(const v1::Decision& decision);
std::string render_decision(const v1::Decision& decision, size_t width, bool color = false);

// A row a decision for CSV and the like; titles first.
std::vector<std::string> decision_titles();
std::vector<std::string> decision_row(const v1::Server& server, const v1::Decision& decision);

}  // namespace kilonova::cli
