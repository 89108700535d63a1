// Rows that are found by their long ids, and lists of them in pages. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/ec2/xml.h"

namespace kilonova::api::ec2 {

// What has ids of this form, and how EC2 refuses one.
struct IdKind {
  std::string_view prefix;
  std::string_view what;
  std::string_view malformed;
  std::string_view not_found;
};

inline constexpr IdKind kImageId{"ami-", "image id", "InvalidAMIID.Malformed", "InvalidAMIID.NotFound"};
inline constexpr IdKind kGroupId{"sg-", "security group", "InvalidGroupId.Malformed", "InvalidGroup.NotFound"};
inline constexpr IdKind kRuleId{"sgr-", "security group rule", "InvalidSecurityGroupRuleId.Malformed",
                                "InvalidSecurityGroupRuleId.NotFound"};
inline constexpr IdKind kKeyPairId{"key-", "key pair ID", "InvalidKeyPairID.Malformed", "InvalidKeyPair.NotFound"};
inline constexpr IdKind kSubnetId{"subnet-", "subnet ID", "InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound"};
inline constexpr IdKind kInterfaceId{"eni-", "network interface", "InvalidNetworkInterfaceId.Malformed",
                                     "InvalidNetworkInterfaceID.NotFound"};
inline constexpr IdKind kAttachmentId{"eni-attach-", "attachment ID", "InvalidAttachmentId.Malformed",
                                      "InvalidAttachmentID.NotFound"};
inline constexpr IdKind kAllocationId{"eipalloc-", "allocation ID", "InvalidAllocationID.Malformed",
                                      "InvalidAllocationID.NotFound"};
inline constexpr IdKind kAssociationId{"eipassoc-", "association ID", "InvalidAssociationID.Malformed",
                                       "InvalidAssociationID.NotFound"};
inline constexpr IdKind kTableId{"rtb-", "routeTable ID", "InvalidRouteTableId.Malformed",
                                 "InvalidRouteTableID.NotFound"};
inline constexpr IdKind kGatewayId{"igw-", "internetGateway ID", "InvalidInternetGatewayId.Malformed",
                                   "InvalidInternetGatewayID.NotFound"};
inline constexpr IdKind kAclId{"acl-", "networkAcl ID", "InvalidNetworkAclId.Malformed",
                               "InvalidNetworkAclID.NotFound"};
inline constexpr IdKind kVpcId{"vpc-", "vpc", "InvalidVpcID.Malformed", "InvalidVpcID.NotFound"};

Result<void> check_id(const IdKind& kind, const std::string& id);
std::unexpected<Refusal> no_such(const IdKind& kind, const std::string& id);
std::unexpected<Refusal> ambiguous(const IdKind& kind, const std::string& id);

// `id_of`: a row's id. Two rows may share the digits of an id, if hardly ever: then it names neither.
template <class Row, class IdOf>
Result<const Row*> row_with(const IdKind& kind, const std::vector<Row>& rows, const std::string& id, IdOf id_of) {
  if (auto checked = check_id(kind, id); !checked) return std::unexpected(std::move(checked.error()));
  const Row* found = nullptr;
  for (const Row& row : rows) {
    if (id_of(row) != id) continue;
    if (found != nullptr) return ambiguous(kind, id);
    found = &row;
  }
  if (found == nullptr) return no_such(kind, id);
  return found;
}

// Every one of these is a row's.
template <class Row, class IdOf>
Result<void> check_ids(const IdKind& kind, const std::vector<Row>& rows, const Texts& ids, IdOf id_of) {
  for (const std::string& id : ids)
    if (auto found = row_with(kind, rows, id, id_of); !found) return std::unexpected(std::move(found.error()));
  return {};
}

inline bool has(const Texts& texts, std::string_view text) { return std::ranges::find(texts, text) != texts.end(); }

// Leaves those that these ids name, or all where there are none, of which every filter has what fits it. Where an id is
// no row's, that is refused, and all are left.
template <class Row, class IdOf>
Result<void> choose(const IdKind& kind, std::vector<Row>& rows, const Texts& ids, IdOf id_of,
                    const std::vector<Filter>& filters, std::span<const FilterRule<Row>> rules) {
  if (auto there = check_ids(kind, rows, ids, id_of); !there) return there;
  std::erase_if(
      rows, [&](const Row& row) { return (!ids.empty() && !has(ids, id_of(row))) || !passes(row, filters, rules); });
  return {};
}

struct Paging {
  size_t most;
  std::string after;  // the last id of the page before
};
// MaxResults from `least` to 1,000, which is also what one page has at most; not with the parameter `ids`.
Result<Paging> read_paging(const Parameter& parameters, const IdKind& kind, int64_t least, std::string_view ids);

// Leaves the page of the rows, in the order of their ids, and gives its NextToken; "" = that was all.
template <class Row, class IdOf>
std::string cut_page(std::vector<Row>& rows, const Paging& paging, IdOf id_of) {
  std::erase_if(rows, [&](const Row& row) { return id_of(row) <= paging.after; });
  std::ranges::sort(rows, {}, id_of);
  if (rows.size() <= paging.most) return "";
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(paging.most), rows.end());
  return id_of(rows.back());
}

// The page as the list `set`, an <item> for each row that `add_row` fills, and behind it the NextToken of more.
template <class Row, class IdOf, class AddRow>
void add_page(Xml reply, const char* set, std::vector<Row>& rows, const Paging& paging, IdOf id_of, AddRow add_row) {
  const std::string next = cut_page(rows, paging, id_of);
  Xml items = add(reply, set);
  for (const Row& row : rows) add_row(add(items, "item"), row);
  if (!next.empty()) add(reply, "nextToken", next);
}

}  // namespace kilonova::api::ec2
