// The query of GET /allocation_candidates (placement/lib.py, placement/schemas/allocation_candidate.py).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/placement/query.h"

namespace kilonova::api::openstack {

struct CandidateQuery {
  std::map<std::string, ProviderQuery> groups;  // by suffix; "" = the one without
  bool isolates = false;
  std::vector<std::set<std::string>> same_subtree;
  ProviderQuery root;  // its required and forbidden traits
  size_t limit = SIZE_MAX;
};

// 400 in Placement's words for what the microversion does not take.
std::expected<CandidateQuery, Refusal> read_candidate_query(const Call& call);

}  // namespace kilonova::api::openstack
