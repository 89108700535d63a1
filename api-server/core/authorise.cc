#include "api-server/core/authorise.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace kilonova::api {
namespace {

// What the request asks that only an admin may, for the message; "" for none. One overload an operation that has such
// a field; all others have none.
template <class Request>
std::string_view admin_only(const RequestContext&, const Request& request) {
  if constexpr (requires { request.all_projects; }) {
    if (request.all_projects) return "all_projects";
  }
  if constexpr (std::is_same_v<Request, ListServers>) {
    if (!request.host.empty()) return "the filter by host";
  }
  return "";
}

std::string_view admin_only(const RequestContext&, const CreateServers& request) {
  return request.availability_zone.find(':') != std::string::npos ? "a forced host ('zone:host')" : "";
}

std::string_view admin_only(const RequestContext&, const CreateImage& request) {
  return request.is_public ? "a public image" : "";
}

std::string_view admin_only(const RequestContext&, const CreateNetwork& request) {
  if (request.shared) return "a shared network";
  return request.external ? "an external network" : "";
}

std::string_view admin_only(const RequestContext& context, const GetQuota& request) {
  std::optional<Uuid> id = parse_uuid(request.project);
  return id && *id != context.project_id ? "the quota of another project" : "";
}

}  // namespace

Expected<> authorise(const RequestContext& context, const ApiRequest& request) {
  if (std::holds_alternative<FindUser>(request))
    return fail(ErrorCode::kPermissionDenied, "FindUser is no operation of clients; log in instead");
  UserRole needed = required_role(request);
  if (context.role < needed)
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("{} needs the role {} in the project; the token has {}", request_name(request),
                            to_string(needed), to_string(context.role)));
  if (context.is_admin()) return {};
  std::string_view field = std::visit([&](const auto& r) { return admin_only(context, r); }, request);
  if (!field.empty())
    return fail(ErrorCode::kPermissionDenied, fmt::format("{}: {} needs the role admin; the token has {}",
                                                          request_name(request), field, to_string(context.role)));
  return {};
}

}  // namespace kilonova::api
