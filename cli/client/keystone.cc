#include "cli/client/keystone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "cli/client/cloud_file.h"
#include "cli/output/text.h"
#include "rpc/node/address.h"

namespace kilonova::cli {
namespace {

constexpr Duration kLimit = seconds(60);

ErrorCode code_of(unsigned status) {
  switch (status) {
    case 400: return ErrorCode::kInvalidArgument;
    case 401: return ErrorCode::kUnauthenticated;
    case 403: return ErrorCode::kPermissionDenied;
    case 404: return ErrorCode::kNotFound;
    case 409: return ErrorCode::kConflict;
    case 413:
    case 429: return ErrorCode::kResourceExhausted;
    case 503: return ErrorCode::kUnavailable;
    case 504: return ErrorCode::kDeadlineExceeded;
    default: return ErrorCode::kInternal;
  }
}

// Keystone's {"error": {"message": ...}}.
Error error_in(const http::ClientResponse& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  std::string message = fmt::format("the cloud answered {} {}", response.status, response.reason);
  if (body.is_object() && body.contains("error") && body["error"].is_object() && body["error"].contains("message") &&
      body["error"]["message"].is_string())
    message = one_line(body["error"]["message"].get<std::string>());
  return {code_of(response.status), std::move(message)};
}

}  // namespace

Expected<Keystone::Url> Keystone::parse_url(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("OS_AUTH_URL '{}' is no http:// or https:// address", one_line(std::string(text))));
  }
  const size_t slash = std::min(rest.find('/'), rest.size());
  auto address = parse_listen_address(std::string(rest.substr(0, slash)));
  if (!address || address->is_unix())
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("OS_AUTH_URL '{}' names no HOST:PORT", one_line(std::string(text))));
  url.host = address->host;
  url.port = address->port;
  url.path = rest.substr(slash);
  while (url.path.ends_with('/')) url.path.pop_back();
  if (url.path.ends_with("/v3")) url.path.resize(url.path.size() - 3);
  return url;
}

Expected<Keystone::Url> Keystone::find_url(const CloudPlace& place) {
  if (!place.endpoint.empty()) {
    const char* url = std::getenv("OS_AUTH_URL");
    if (url == nullptr || *url == '\0')
      return fail(ErrorCode::kInvalidArgument,
                  "an endpoint says nothing of where the cloud speaks HTTP: set OS_AUTH_URL, or give --state-dir");
    return parse_url(url);
  }
  Expected<CloudFile> cloud = read_cloud_file(place.state_dir);
  if (!cloud) return std::unexpected(cloud.error());
  if (cloud->http.empty())
    return fail(ErrorCode::kUnavailable, "this cloud has no HTTP address: an older kilonova started it");
  return parse_url(fmt::format("{}://{}/identity", cloud->tls ? "https" : "http", cloud->http));
}

Expected<http::ClientResponse> Keystone::send(std::string_view method, const std::string& path,
                                              const Json& body) const {
  http::ClientRequest request{.method = std::string(method),
                              .host = url_.host,
                              .port = url_.port,
                              .target = url_.path + "/v3" + path,
                              .headers = {{"Accept", "application/json"}},
                              .body = {}};
  if (!token_.empty()) request.headers.emplace_back("X-Auth-Token", token_);
  if (!body.is_null()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body.dump();
  }
  return http::exchange(request, tls_, kLimit);
}

Expected<> Keystone::log_in(const Globals& globals) {
  const Json domain{{"id", "default"}};
  Json user{{"name", globals.user.value}, {"password", globals.password.value}, {"domain", domain}};
  Json body;
  body["auth"]["identity"] = {{"methods", Json::array({"password"})}, {"password", {{"user", std::move(user)}}}};
  body["auth"]["scope"]["project"] = {{"name", globals.project.value}, {"domain", domain}};
  auto answered = send("POST", "/auth/tokens", body);
  if (!answered) return std::unexpected(answered.error());
  if (answered->status != 201) return std::unexpected(error_in(*answered));
  const Json said = Json::parse(answered->body, nullptr, false);
  const auto id_in = [&said](const char* of) -> std::string {
    const Json found = said.is_object() ? said.value("/token"_json_pointer, Json::object()) : Json::object();
    return found.contains(of) && found[of].is_object() ? found[of].value("id", std::string()) : std::string();
  };
  token_ = answered->header("X-Subject-Token");
  user_id_ = id_in("user");
  project_id_ = id_in("project");
  if (token_.empty() || user_id_.empty() || project_id_.empty())
    return fail(ErrorCode::kInternal, "the cloud's token says nothing of its user and project");
  return {};
}

Expected<Keystone> Keystone::open(const Globals& globals) {
  Expected<CloudPlace> place = cloud_place(globals);
  if (!place) return std::unexpected(place.error());
  Expected<Url> url = find_url(*place);
  if (!url) return std::unexpected(url.error());
  Keystone keystone;
  keystone.url_ = *std::move(url);
  if (keystone.url_.tls) {
    auto context = http::make_client_context({place->tls.ca, place->tls.certificate, place->tls.key});
    if (!context) return std::unexpected(context.error());
    keystone.tls_ = *std::move(context);
  }
  if (auto in = keystone.log_in(globals); !in) return std::unexpected(in.error());
  return keystone;
}

Expected<Json> Keystone::call(std::string_view method, const std::string& path, const Json& body) {
  auto answered = send(method, path, body);
  if (!answered) return std::unexpected(answered.error());
  if (answered->status >= 300) return std::unexpected(error_in(*answered));
  if (answered->body.empty()) return Json(nullptr);
  Json said = Json::parse(answered->body, nullptr, false);
  if (said.is_discarded()) return fail(ErrorCode::kInternal, "the cloud's answer is no JSON");
  return said;
}

}  // namespace kilonova::cli
