// How ApiCore asks the controller in the api-server's own name: for the files that its functions are in.
#pragma once

#include <utility>

#include "api-server/core/api_core.h"
#include "domain/api.h"
#include "domain/user_role.h"

namespace kilonova::api {

template <class Operation>
Task<Expected<typename Operation::Reply>> ApiCore::ask_as_admin(const RequestMeta& meta, Operation operation) {
  RequestContext context{.role = UserRole::kAdmin, .trace = meta.trace};
  Expected<ApiResponse> response = co_await ask_controller(ApiCall{context, {}, std::move(operation)}, time_left(meta));
  if (!response) co_return std::unexpected(std::move(response.error()));
  auto* reply = get_if<typename Operation::Reply>(&*response);
  if (reply == nullptr) co_return fail(ErrorCode::kInternal, "the controller answered with something else");
  co_return std::move(*reply);
}

}  // namespace kilonova::api
