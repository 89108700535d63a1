#include "api-server/front/openstack/route.h"

#include <algorithm>

namespace kilonova::api::openstack {
namespace {

std::vector<std::string_view> split(std::string_view pattern) {
  std::vector<std::string_view> parts;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    parts.push_back(pattern.substr(0, pattern.find('/')));
    pattern.remove_prefix(parts.back().size());
  }
  if (parts.size() == 1 && parts.front().empty()) parts.clear();
  return parts;
}

bool is_variable(std::string_view part) { return part.starts_with('{'); }

bool fits(const std::vector<std::string_view>& parts, std::span<const std::string> path) {
  for (size_t i = 0; i < parts.size(); ++i)
    if (is_variable(parts[i]) ? path[i].empty() : parts[i] != path[i]) return false;
  return true;
}

}  // namespace

RouteIndex::RouteIndex(std::span<const Route> routes) {
  for (const Route& route : routes) {
    Entry entry{&route, split(route.pattern), 0};
    entry.literals = static_cast<size_t>(std::ranges::count_if(entry.parts, [](auto p) { return !is_variable(p); }));
    by_size_.resize(std::max(by_size_.size(), entry.parts.size() + 1));
    by_size_[entry.parts.size()].push_back(std::move(entry));
  }
}

RouteIndex::Match RouteIndex::find(Service service, std::string_view method, std::span<const std::string> path,
                                   Minor minor) const {
  Match match;
  if (path.size() >= by_size_.size()) return match;
  size_t literals = 0;
  const Entry* found = nullptr;
  bool is_get = method == "HEAD" && service == Service::kIdentity;
  for (const Entry& entry : by_size_[path.size()]) {
    const Route& route = *entry.route;
    bool is_there = minor == kAnyMinor || (minor >= route.since && minor <= route.until);
    if (route.service != service || !is_there || !fits(entry.parts, path)) continue;
    if (entry.literals < literals) continue;
    if (entry.literals > literals) {
      match.methods.clear();
      found = nullptr;
    }
    literals = entry.literals;
    match.methods.push_back(route.method);
    if (route.method == method || (is_get && route.method == "GET" && found == nullptr)) found = &entry;
  }
  if (found == nullptr) return match;
  match.route = found->route;
  for (size_t i = 0; i < path.size(); ++i)
    if (std::string_view part = found->parts[i]; is_variable(part))
      match.path.emplace_back(part.substr(1, part.size() - 2), path[i]);
  return match;
}

}  // namespace kilonova::api::openstack
