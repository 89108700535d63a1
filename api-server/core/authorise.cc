#include "api-server/core/authorise.h"

#include <fmt/format.h>

#include <string_view>

#include "domain/api.h"
#include "domain/operation.h"

namespace kilonova::api {

Expected<> authorise(const RequestContext& context, const ApiRequest& request) {
  const Operation& operation = operation_of(request);
  if (operation.asked_by != AskedBy::kClient)
    return fail(ErrorCode::kPermissionDenied, fmt::format("{} is no operation of clients", operation.name));
  if (context.role < operation.role)
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("{} needs the role {} in the project; the token has {}", operation.name,
                            to_string(operation.role), to_string(context.role)));
  if (context.is_admin()) return {};
  std::string_view field = visit(
      [&](const auto& r) -> std::string_view {
        if constexpr (requires { r.admin_only(context); }) return r.admin_only(context);
        return "";
      },
      request);
  if (!field.empty())
    return fail(ErrorCode::kPermissionDenied, fmt::format("{}: {} needs the role admin; the token has {}",
                                                          operation.name, field, to_string(context.role)));
  return {};
}

}  // namespace kilonova::api
