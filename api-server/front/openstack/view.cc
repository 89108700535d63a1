#include "api-server/front/openstack/view.h"

#include <fmt/format.h>

#include <map>

namespace kilonova::api::openstack {
namespace {

std::string project_part(const Call& call) {
  return call.project_in_path.empty() ? std::string() : "/" + call.project_in_path;
}

}  // namespace

std::string self_url(const Call& call, std::string_view path) {
  return fmt::format("{}/compute/v2.1{}{}", call.base, project_part(call), path);
}

std::string bookmark_url(const Call& call, std::string_view path) {
  return fmt::format("{}/compute{}{}", call.base, project_part(call), path);
}

Json links_of(const Call& call, std::string_view path) {
  return Json::array(
      {{{"rel", "self"}, {"href", self_url(call, path)}}, {{"rel", "bookmark"}, {"href", bookmark_url(call, path)}}});
}

Json bookmark_of(const Call& call, std::string_view path) {
  return Json::array({{{"rel", "bookmark"}, {"href", bookmark_url(call, path)}}});
}

Json next_link(const Call& call, std::string_view marker) {
  std::map<std::string, std::string> query;
  for (const auto& [key, value] : call.target.query) query[key] = value;
  query["marker"] = marker;
  std::string text;
  for (const auto& [key, value] : query)
    text += fmt::format("{}{}={}", text.empty() ? "?" : "&", http::percent_encode(key), http::percent_encode(value));
  return Json::array({{{"rel", "next"}, {"href", call.base + call.target.raw_path + text}}});
}

}  // namespace kilonova::api::openstack
