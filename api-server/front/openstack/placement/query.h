// The query strings that ask for providers: resources, required, member_of, in_tree (placement/util.py).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/placement/ledger.h"
#include "domain/allocation_candidates.h"

namespace kilonova::api::openstack {

struct ProviderQuery {
  Amounts resources;
  std::vector<std::vector<std::string>> required;  // one of each
  std::vector<std::string> forbidden;
  std::vector<std::vector<std::string>> member_of;  // uuids; one of each
  std::vector<std::string> forbidden_aggregates;
  std::string in_tree;  // a uuid; "" = anywhere
};

// Each adds to `query`, or is 400 in Placement's words. `suffix`: of the parameters' names, "" for those without one.
Checked read_resources(std::string_view text, ProviderQuery& query);
Checked read_required(const Call& call, const std::string& suffix, ProviderQuery& query);
Checked read_member_of(const Call& call, const std::string& suffix, ProviderQuery& query);
Checked read_in_tree(std::string_view text, ProviderQuery& query);
// One value of `required`. Before 1.22 nothing is forbidden, before 1.39 nothing has alternatives.
Checked read_traits(std::string_view text, bool may_forbid, bool may_choose, ProviderQuery& query);

// Classes and traits that there are not.
Checked check_classes(const Ledger& ledger, const Amounts& resources);
// The first unknown one's name; "" when all are known.
std::string unknown_trait(const Ledger& ledger, const ProviderQuery& query);

// The query with numbers for aggregates.
ResourceRequest request_of(const Ledger& ledger, const ProviderQuery& query);

}  // namespace kilonova::api::openstack
