// Nova: what hangs on a server besides its row: its nics, and, of which there are none in this cloud, volumes.
#include <fmt/format.h>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/view.h"

namespace kilonova::api::openstack {
namespace {

struct Nic {
  const ShownPort& port;
};
using Value = std::optional<Json>;

constexpr Field<Nic> kFields[] = {
    {"net_id", [](const Nic& n, const Call&) -> Value { return to_string(n.port.port.row.network_id); }},
    {"port_id", [](const Nic& n, const Call&) -> Value { return to_string(n.port.port.row.id); }},
    {"mac_addr", [](const Nic& n, const Call&) -> Value { return to_string(n.port.port.row.mac); }},
    {"port_state", [](const Nic& n, const Call&) -> Value { return n.port.is_plugged ? "ACTIVE" : "DOWN"; }},
    {"fixed_ips", [](const Nic& n, const Call&) -> Value { return fixed_ips_view(n.port.port.row); }},
    {"tag", [](const Nic&, const Call&) -> Value { return Json(nullptr); }, 70},
};

Task<Answered> list(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto ports = co_await ports_of_server(call, *server);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  Json nics = Json::array();
  for (const ShownPort& port : *ports) nics.push_back(view(kFields, Nic{port}, call));
  co_return Answer{200, {{"interfaceAttachments", std::move(nics)}}};
}

Task<Answered> show(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto ports = co_await ports_of_server(call, *server);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  std::string wanted = call.in_path("port");
  for (const ShownPort& port : *ports)
    if (to_string(port.port.row.id) == wanted)
      co_return Answer{200, {{"interfaceAttachment", view(kFields, Nic{port}, call)}}};
  co_return refused(404, fmt::format("Port id {} could not be found.", wanted));
}

Task<Answered> list_volumes(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return Answer{200, {{"volumeAttachments", Json::array()}}};
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kReader = UserRole::kReader;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/servers/{server}/os-interface", kReader, "os_compute_api:os-attach-interfaces:list", &list},
    {kNova, "GET", "/v2.1/servers/{server}/os-interface/{port}", kReader, "os_compute_api:os-attach-interfaces:show",
     &show},
    {kNova, "GET", "/v2.1/servers/{server}/os-volume_attachments", kReader,
     "os_compute_api:os-volumes-attachments:index", &list_volumes},
};

}  // namespace

std::span<const Route> interface_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
