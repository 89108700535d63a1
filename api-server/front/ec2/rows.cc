#include "api-server/front/ec2/rows.h"

#include <fmt/format.h>

#include "api-server/front/ec2/ids.h"

namespace kilonova::api::ec2 {

Result<void> check_id(const IdKind& kind, const std::string& id) {
  if (is_well_formed_id(kind.prefix, id)) return {};
  return refused(std::string(kind.malformed), fmt::format("Invalid id: {} (expecting {} and 17 hexadecimal digits)",
                                                          in_quotes(id), in_quotes(kind.prefix)));
}

std::unexpected<Refusal> no_such(const IdKind& kind, const std::string& id) {
  return refused(std::string(kind.not_found), fmt::format("The {} {} does not exist", kind.what, in_quotes(id)));
}

std::unexpected<Refusal> ambiguous(const IdKind& kind, const std::string& id) {
  return refused(
      "InvalidParameterValue",
      fmt::format("The ID {} stands for more than one {}: their whole ids, which OpenStack's API takes, tell "
                  "them apart.",
                  in_quotes(id), kind.what));
}

Result<Paging> read_paging(const Parameter& parameters, const IdKind& kind, int64_t least, std::string_view ids) {
  constexpr int64_t kMost = 1'000;
  auto most = integer_of(parameters, "MaxResults", least, kMost);
  if (!most) return std::unexpected(std::move(most.error()));
  if (*most && parameters.has(ids))
    return refused("InvalidParameterCombination", fmt::format("The parameter {} cannot be used with MaxResults.", ids));
  Paging paging{static_cast<size_t>(most->value_or(kMost)), parameters.text("NextToken")};
  if (!paging.after.empty() && !is_long_id(kind.prefix, paging.after))
    return refused("InvalidParameterValue", fmt::format("The NextToken {} is invalid", in_quotes(paging.after)));
  return paging;
}

}  // namespace kilonova::api::ec2
