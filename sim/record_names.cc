#include "sim/record_names.h"

#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/network.h"
#include "domain/nouns/project.h"

namespace kilonova::sim {

std::vector<RecordName> names_in(const ApiResponse& response) {
  std::vector<RecordName> all;
  if (const auto* networks = get_if<NetworkList>(&response))
    for (const Network& row : networks->networks) all.push_back({to_string(row.id), row.name});
  if (const auto* images = get_if<ImageList>(&response))
    for (const Image& row : images->images) all.push_back({to_string(row.id), row.name});
  if (const auto* keys = get_if<KeyPairList>(&response))
    for (const KeyPair& row : keys->key_pairs) all.push_back({row.name, row.name});
  if (const auto* projects = get_if<ProjectList>(&response))
    for (const Project& row : projects->projects) all.push_back({to_string(row.id), row.name});
  return all;
}

}  // namespace kilonova::sim
