#include "api-server/front/openstack/placement/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kJsonType = "application/json";

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "text/html, application/*;q=0.5": whether one of them is JSON, and not ruled out by q=0.
bool takes_json(std::string_view accept) {
  if (trim(accept).empty()) return true;
  while (!accept.empty()) {
    std::string_view item = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(item.size() + 1, accept.size()));
    std::string_view type = trim(item.substr(0, item.find(';')));
    std::string_view rest = item.substr(std::min(item.size(), item.find(';')));
    bool is_ruled_out = rest.find("q=0") != std::string_view::npos && rest.find_first_of("123456789") == rest.npos;
    if ((type == kJsonType || type == "*/*" || type == "application/*") && !is_ruled_out) return true;
  }
  return false;
}

}  // namespace

std::expected<Minor, VersionRefusal> negotiate_placement(const http::Request& request) {
  std::string asked = version_asked(request, "placement");
  if (asked.empty()) return v1(0);
  if (asked == "latest") return v1(kLastPlacementMinor);
  size_t dot = asked.find('.');
  auto part = [&](size_t from, size_t length) { return version_number(std::string_view(asked).substr(from, length)); };
  auto major = part(0, dot);
  auto minor = dot == std::string::npos ? std::nullopt : part(dot + 1, std::string::npos);
  if (!major || !minor)
    return std::unexpected(
        VersionRefusal{400, fmt::format("Invalid microversion: invalid version string: {}", asked), ""});
  if (*major != 1 || *minor > kLastPlacementMinor)
    return std::unexpected(
        VersionRefusal{406, fmt::format("Invalid microversion: Unacceptable version header: {}", asked), asked});
  return v1(static_cast<Minor>(*minor));
}

void add_placement_headers(http::Response& response, Minor minor) {
  response.headers.emplace_back(kVersionHeader, fmt::format("placement 1.{}", minor - 1));
  response.headers.emplace_back("Vary", "openstack-api-version");
}

Answered check_placement_head(const Call& call) {
  if (!call.request.body.empty() && call.request.header("Content-Type").empty())
    return refused(400, "content-type header required when content-length > 0");
  bool shows_json =
      call.request.method == "GET" && call.route->pattern != "/" && call.route->pattern != "/traits/{name}";
  if (shows_json && !takes_json(call.request.header("Accept")))
    return refused(406, "Only application/json is provided");
  return Answer{};
}

Checked require_json(const Call& call) {
  std::string_view type = call.request.header("Content-Type");
  type = trim(type.substr(0, type.find(';')));
  if (type == kJsonType) return {};
  return refused(415,
                 fmt::format("The media type {} is not supported, use {}", type.empty() ? "None" : type, kJsonType));
}

std::expected<Json, Refusal> read_json(const Call& call, const Rule& rule) {
  if (Checked is_json = require_json(call); !is_json) return std::unexpected(std::move(is_json.error()));
  std::optional<Json> body = parse_json(call.request.body);
  if (!body) return refused(400, "Malformed JSON: the body is no JSON, or nested too deeply");
  if (auto wrong = rule(*body, "", call.minor))
    return refused(400, fmt::format("JSON does not validate: {}", validation_text(*wrong)));
  return std::move(*body);
}

Answer shown(const Call& call, Json body, WallTime modified, unsigned status) {
  Answer answer{status, std::move(body)};
  if (is_since(call, 15)) {
    answer.headers.emplace_back("Last-Modified", http::date_text(modified.us == 0 ? call.loop.wall_now() : modified));
    answer.headers.emplace_back("Cache-Control", "no-cache");
  }
  return answer;
}

Answer nothing_to_say() { return {204, nullptr}; }

Answer placed(unsigned status, std::string location) { return {status, nullptr, {{"Location", std::move(location)}}}; }

std::unexpected<Refusal> wrong_query(std::string_view why, std::string_view key) {
  Failure failure{std::string(key), "", std::string(why)};
  return refused(400, fmt::format("Invalid query string parameters: {}", validation_text(failure)));
}

Checked check_query_keys(const Call& call, const std::vector<std::string_view>& known) {
  for (const auto& [key, value] : call.target.query)
    if (std::ranges::find(known, key) == known.end())
      return wrong_query(
          fmt::format("Additional properties are not allowed ({} was unexpected)", python_repr(Json(key))));
  return {};
}

WallTime later(WallTime a, WallTime b) { return std::max(a, b); }

}  // namespace kilonova::api::openstack
