// Errors as each service writes them: one table from our codes to HTTP, and one form for each service.
#pragma once

#include <string>
#include <string_view>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/service.h"
#include "base/error.h"
#include "domain/nouns/fault_rule.h"
#include "http/message.h"

namespace kilonova::api::openstack {

// What a core's error is over HTTP. The message stays: the cores use Nova's words where Nova has some.
Refusal refusal_of(const Error& error);

// The service's error body. `accept`: the request's header, by which Glance chooses between JSON and HTML.
http::Response error_response(Service service, const Refusal& refusal, std::string_view accept,
                              std::string_view request_id);

// As a fault rule of HTTP requests says.
Refusal refusal_of(const FaultRule& rule);

// Without a token, or with a bad one: the same for every service, as keystonemiddleware has it. `identity`: where to
// get one, "http://host/identity".
http::Response unauthorized(std::string_view identity);

// No such path, or not with this method. Nova answers 404 for both, without its usual form.
http::Response no_route(Service service, std::string_view accept, std::string_view request_id);

// "itemNotFound": how Nova names a status in its error bodies.
std::string_view nova_error_name(unsigned status);

}  // namespace kilonova::api::openstack
