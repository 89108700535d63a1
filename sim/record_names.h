// The records that an answer lists, as clients tell them apart.
#pragma once

#include <string>
#include <vector>

#include "domain/api.h"

namespace kilonova::sim {

struct RecordName {
  std::string id;  // of a key pair, its name
  std::string name;
};

// Of networks, images, key pairs and projects; none of other answers.
std::vector<RecordName> names_in(const ApiResponse& response);

}  // namespace kilonova::sim
