// What a handler of a route gives back, before it is a response of its service.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "api-server/front/openstack/json.h"
#include "http/message.h"

namespace kilonova::api::openstack {

struct Answer {
  unsigned status = 200;
  Json body;  // null: none
  http::Headers headers = {};
  std::shared_ptr<http::BodySource> stream = {};  // instead of a body
  uint64_t stream_bytes = 0;
};

// A refusal in the service's own words; its form is the service's affair (errors.h).
struct Refusal {
  unsigned status = 500;
  std::string message;
  std::string type = {};  // Neutron's name of it: "NetworkNotFound"
  http::Headers headers = {};
};

using Answered = std::expected<Answer, Refusal>;
// Done, or refused.
using Checked = std::expected<void, Refusal>;

inline std::unexpected<Refusal> refused(unsigned status, std::string message, std::string type = {}) {
  return std::unexpected(Refusal{status, std::move(message), std::move(type)});
}

}  // namespace kilonova::api::openstack
