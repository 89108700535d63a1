// Routes of HTTP as fault rules name them: "POST /compute/v2.1/servers/{server}/action". A part in braces stands for any
// one part, "*" at the end for any rest, and "*" in the method's place for any method. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kilonova {

// kInvalidArgument, with what would be right.
Expected<> check_http_route(std::string_view route);

// `path`: of the request, taken apart and without a project of Nova's paths.
bool http_route_matches(std::string_view route, std::string_view method, std::span<const std::string> path);

}  // namespace kilonova
