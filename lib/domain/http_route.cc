#include "domain/http_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "domain/form_rules.h"

namespace kilonova {
namespace {

constexpr std::array<std::string_view, 7> kMethods{"*", "DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"};
// EC2's API stands at /ec2, and at /services/Cloud as in Nova's first years.
constexpr std::array<std::string_view, 8> kServices{"*",     "compute",    "ec2",       "identity",
                                                    "image", "networking", "placement", "services"};
constexpr size_t kMaxRoute = 1024;

struct Route {
  std::string_view method;
  std::vector<std::string_view> parts;
};

Route route_of(std::string_view text) {
  Route route;
  const size_t space = text.find(' ');
  route.method = text.substr(0, space);
  if (space == std::string_view::npos) return route;
  std::string_view path = text.substr(space + 1);
  while (!path.empty()) {
    path.remove_prefix(path.front() == '/' ? 1 : 0);
    const std::string_view part = path.substr(0, path.find('/'));
    if (!part.empty()) route.parts.push_back(part);
    path.remove_prefix(part.size());
  }
  return route;
}

bool is_any(std::string_view part) { return part.size() > 2 && part.starts_with('{') && part.ends_with('}'); }

}  // namespace

Expected<> check_http_route(std::string_view text) {
  if (auto is_text = check_text("the route", text, kMaxRoute); !is_text) return is_text;
  const size_t space = text.find(' ');
  if (space == std::string_view::npos || text.substr(space + 1).empty() || text[space + 1] != '/')
    return refuse(
        fmt::format("the route {} must be a method and a path, as in 'POST /compute/v2.1/servers'", in_quotes(text)));
  const Route route = route_of(text);
  if (std::ranges::find(kMethods, route.method) == kMethods.end())
    return refuse(fmt::format("the method {} must be GET, POST, PUT, PATCH, DELETE, HEAD, or * for any",
                              in_quotes(route.method)));
  if (text.find_first_of(" ?#", space + 1) != std::string_view::npos)
    return refuse(fmt::format("the path {} must have no space, '?' or '#': a query is not looked at",
                              in_quotes(text.substr(space + 1))));
  if (route.parts.empty() || std::ranges::find(kServices, route.parts.front()) == kServices.end())
    return refuse(
        fmt::format("the path {} must begin with /compute, /ec2, /identity, /image, /networking, /placement or "
                    "/services",
                    in_quotes(text.substr(space + 1))));
  for (const std::string_view& part : route.parts) {
    const bool is_last = &part == &route.parts.back();
    const bool has_star = part.find('*') != std::string_view::npos;
    if (has_star && !(is_last && part == "*"))
      return refuse(fmt::format("the path {} may have * as its last part alone; {{name}} stands for any one part",
                                in_quotes(text.substr(space + 1))));
  }
  return {};
}

bool http_route_matches(std::string_view text, std::string_view method, std::span<const std::string> path) {
  const Route route = route_of(text);
  if (route.method != "*" && route.method != method) return false;
  for (size_t i = 0; i < route.parts.size(); ++i) {
    if (route.parts[i] == "*" && i + 1 == route.parts.size()) return true;
    if (i >= path.size() || (!is_any(route.parts[i]) && route.parts[i] != path[i])) return false;
  }
  return route.parts.size() == path.size();
}

}  // namespace kilonova
