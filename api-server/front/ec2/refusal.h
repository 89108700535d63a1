// What EC2 says when it refuses: a code that programs read, and words for people.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "api-server/front/openstack/answer.h"
#include "base/error.h"

namespace kilonova::api::ec2 {

struct Refusal {
  std::string code;  // "InvalidInstanceID.NotFound"
  std::string message;
  unsigned status = 400;
  bool operator==(const Refusal&) const = default;
};

template <class T>
using Result = std::expected<T, Refusal>;

inline std::unexpected<Refusal> refused(std::string code, std::string message, unsigned status = 400) {
  return std::unexpected(Refusal{std::move(code), std::move(message), status});
}

// A parameter that EC2 knows, and that is not honoured here.
inline std::unexpected<Refusal> unsupported(std::string message) {
  return refused("UnsupportedOperation", std::move(message));
}

// What a core's error is in EC2's codes. `not_found`: the code of what was looked for.
Refusal refusal_of(const Error& error, std::string_view not_found = "InvalidParameterValue");

// What a function of OpenStack's front refused, in EC2's codes. `conflict`: the code of what is there, or in use.
Refusal refusal_of(const openstack::Refusal& refusal, std::string_view not_found = "InvalidParameterValue",
                   std::string_view conflict = "IncorrectState");

// The whole body: <Response><Errors>...
std::string error_body(const Refusal& refusal, std::string_view request_id);

}  // namespace kilonova::api::ec2
