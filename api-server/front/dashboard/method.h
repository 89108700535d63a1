// The operations of kilonova.v1.Cloud in protobuf's own JSON: what the page asks. Names, fields, roles and what an
// answer shows to whom are the public service's; there is nothing here that it has not.
#pragma once

#include <string>
#include <string_view>

#include "api-server/core/client_request.h"
#include "base/error.h"

namespace kilonova::api::dashboard {

struct Method {
  // What cannot be read is `malformed`, which says why; "" is a request without fields.
  ClientRequest (*read)(std::string_view json);
  // The reply of a request that was not refused. Fields are called as in the proto, those with default values are
  // there too, and 64-bit numbers are text. kInternal for an answer to something else.
  Expected<std::string> (*write)(const ClientReply& reply);
};

// "ListServers". nullptr: there is no such operation of clients.
const Method* find_method(std::string_view name);

}  // namespace kilonova::api::dashboard
