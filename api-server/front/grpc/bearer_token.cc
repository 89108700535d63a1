#include "api-server/front/grpc/bearer_token.h"

#include <algorithm>

#include "base/ascii.h"

namespace kilonova::api {

std::string bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return "";
  bool is_bearer = std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                              [](char wanted, char given) { return wanted == to_lower(given); });
  return is_bearer ? std::string(authorization.substr(kScheme.size())) : "";
}

}  // namespace kilonova::api
