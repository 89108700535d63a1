#include "api-server/front/dashboard/asset.h"

#include <algorithm>

namespace kilonova::api::dashboard {

const Asset* find_asset(std::string_view name) {
  const std::span<const Asset> all = assets();
  const auto found = std::ranges::find(all, name, &Asset::name);
  return found == all.end() ? nullptr : &*found;
}

bool has_already(const Asset& asset, std::string_view if_none_match) {
  while (!if_none_match.empty()) {
    const size_t comma = std::min(if_none_match.find(','), if_none_match.size());
    std::string_view tag = if_none_match.substr(0, comma);
    if_none_match.remove_prefix(std::min(comma + 1, if_none_match.size()));
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == "*" || tag == asset.etag) return true;
  }
  return false;
}

}  // namespace kilonova::api::dashboard
