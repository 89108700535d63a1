// Nova: lists of what this cloud cannot have yet: they are empty, and say so truly.
#include "api-server/front/openstack/compute/routes.h"

namespace kilonova::api::openstack {
namespace {

Task<Answered> list_server_groups(Call&) { co_return Answer{200, {{"server_groups", Json::array()}}}; }

constexpr Service kNova = Service::kCompute;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-server-groups", UserRole::kReader, "os_compute_api:os-server-groups:index",
     &list_server_groups},
};

}  // namespace

std::span<const Route> empty_compute_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
