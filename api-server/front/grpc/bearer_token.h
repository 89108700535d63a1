// Which token a gRPC request brings along.
#pragma once

#include <string>
#include <string_view>

namespace kilonova::api {

// "Bearer TOKEN", the scheme in any case (RFC 9110 section 11.1). Anything else is no token: "".
std::string bearer_token(std::string_view authorization);

}  // namespace kilonova::api
