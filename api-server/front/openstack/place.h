// Which service a path belongs to, and what is left of the path there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api-server/front/openstack/service.h"
#include "http/target.h"

namespace kilonova::api::openstack {

struct Place {
  Service service = Service::kCompute;
  std::vector<std::string> path;  // below the service's root: "v2.1", "servers"
  std::string project;            // that stood in a path of Nova, which has it or not
  bool is_legacy = false;         // Nova's /v2: as 2.1, without microversions
};

// Nothing for a path of no service.
std::optional<Place> place_of(const http::Target& target);

// The first part of its paths: "networking".
std::string_view root_of(Service service);

// Of the catalog, in its order.
const ServiceInfo& info_of(Service service);

}  // namespace kilonova::api::openstack
