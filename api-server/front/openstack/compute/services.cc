// Nova: os-services. A compute service for each simulated host; the controller is nova-conductor, schedulers are
// nova-scheduler.
#include <fmt/format.h>

#include "api-server/front/openstack/compute/hosts.h"
#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/times.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/service.h"

namespace kilonova::api::openstack {
namespace {

struct Shown {
  std::string binary;
  std::string host;
  int64_t number = 0;
  std::string zone;
  bool enabled = true;
  bool up = true;
  WallTime updated_at;
  std::string reason;
  bool forced_down = false;
};
using S = Shown;
using Value = std::optional<Json>;

constexpr Field<S> kFields[] = {
    {"binary", [](const S& s, const Call&) -> Value { return s.binary; }},
    {"host", [](const S& s, const Call&) -> Value { return s.host; }},
    {"id", [](const S& s, const Call&) -> Value { return s.number; }, 1, 52},
    {"id", [](const S& s, const Call&) -> Value { return service_uuid(s.binary, s.host); }, 53},
    {"zone", [](const S& s, const Call&) -> Value { return s.zone; }},
    {"status", [](const S& s, const Call&) -> Value { return s.enabled ? "enabled" : "disabled"; }},
    {"state", [](const S& s, const Call&) -> Value { return s.up ? "up" : "down"; }},
    {"updated_at", [](const S& s, const Call&) -> Value { return time_without_zone(s.updated_at); }},
    {"disabled_reason", [](const S& s, const Call&) -> Value { return or_null(s.reason); }},
    {"forced_down", [](const S& s, const Call&) -> Value { return s.forced_down; }, 11},
};

S service_of(const HostView& view) {
  const Host& host = view.host;
  return {"nova-compute", host.name,      service_number(host), host.zone,       host.enabled,
          view.up,        view.last_seen, host.disabled_reason, host.forced_down};
}

S service_of(const ServiceView& view) {
  bool is_controller = view.peer.role == Role::kController;
  return {std::string(binary_of(view)),
          to_string(view.peer),
          is_controller ? 1 : 2 + static_cast<int64_t>(view.peer.index),
          "internal",
          true,
          is_up(view),
          view.last_seen,
          ""};
}

Task<std::expected<std::vector<S>, Refusal>> all_services(Call& call) {
  auto daemons = co_await ask(call, ListServices{});
  if (!daemons) co_return std::unexpected(std::move(daemons.error()));
  auto hosts = co_await all_hosts(call);
  if (!hosts) co_return std::unexpected(std::move(hosts.error()));
  std::vector<S> services;
  for (const ServiceView& view : daemons->services)
    if (!binary_of(view).empty()) services.push_back(service_of(view));
  for (const HostView& view : *hosts) services.push_back(service_of(view));
  co_return services;
}

Task<Answered> list(Call& call) {
  auto services = co_await all_services(call);
  if (!services) co_return std::unexpected(std::move(services.error()));
  const std::string* host = call.in_query("host");
  const std::string* binary = call.in_query("binary");
  Json items = Json::array();
  for (const S& service : *services)
    if ((host == nullptr || *host == service.host) && (binary == nullptr || *binary == service.binary))
      items.push_back(view(kFields, service, call));
  co_return Answer{200, {{"services", std::move(items)}}};
}

Task<std::expected<HostView, Refusal>> find_host(Call& call, std::string name) {
  auto found = co_await ask(call, ListHosts{.host = name});
  if (!found && found.error().status == 404)
    co_return refused(404, fmt::format("Compute host {} could not be found.", name));
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return std::move(found->hosts.front());
}

// nova/api/openstack/compute/services.py _check_for_evacuations: a conflict that is a bad request until Nova gives it a
// microversion.
Task<Checked> force_down(Call& call, std::string host, bool down) {
  auto forced = co_await ask(call, SetHostForcedDown{std::move(host), down});
  if (forced) co_return Checked();
  if (forced.error().status == 409) forced.error().status = 400;
  co_return std::unexpected(std::move(forced.error()));
}

// Until 2.52: PUT os-services/enable and the like, with the service in the body.
Task<Answered> set_by_name(Call& call) {
  static const Rule rule = object({{"host", text(1, 255), true},
                                   {"binary", text(1, 255), true},
                                   {"disabled_reason", text(1, 255)},
                                   {"forced_down", boolean(), false, 11}});
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  std::string action = call.in_path("service");
  const bool forces = action == "force-down" && call.minor >= 11;
  if (!forces && action != "enable" && action != "disable" && action != "disable-log-reason")
    co_return refused(404, "Unknown action");
  std::string reason = text_at(call.body, "disabled_reason");
  if (action == "disable-log-reason" && reason.empty()) co_return refused(400, "Missing disabled reason field");
  std::string host = text_at(call.body, "host");
  std::string binary = text_at(call.body, "binary");
  if (binary != "nova-compute")
    co_return refused(
        400, fmt::format("Updating a {} service is not supported. Only nova-compute services can be updated.", binary));
  auto found = co_await find_host(call, host);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (forces) {
    if (member(call.body, "forced_down") == nullptr) co_return refused(400, "Missing forced_down field");
    const bool down = boolean_at(call.body, "forced_down", false);
    auto forced = co_await force_down(call, host, down);
    if (!forced) co_return std::unexpected(std::move(forced.error()));
    co_return Answer{200, {{"service", {{"host", host}, {"binary", binary}, {"forced_down", down}}}}};
  }
  bool enable = action == "enable";
  auto set = co_await ask(call, SetHostEnabled{host, enable, action == "disable-log-reason" ? reason : ""});
  if (!set) co_return std::unexpected(std::move(set.error()));
  Json service{{"host", host}, {"binary", binary}, {"status", enable ? "enabled" : "disabled"}};
  if (action == "disable-log-reason") service["disabled_reason"] = reason;
  co_return Answer{200, {{"service", std::move(service)}}};
}

// Of the path: by uuid from 2.53 on, by number before. `missing` ends the words for one that there is not.
Task<std::expected<S, Refusal>> find_service(Call& call, std::string_view missing) {
  const std::string id = call.in_path("service");
  const bool by_uuid = call.minor >= 53;
  if (by_uuid && !parse_uuid(id)) co_return refused(400, fmt::format("Invalid uuid {}", id));
  if (!by_uuid && id.find_first_not_of("0123456789") != std::string::npos)
    co_return refused(400, "Invalid input received: id must be an integer");
  auto services = co_await all_services(call);
  if (!services) co_return std::unexpected(std::move(services.error()));
  for (const S& service : *services)
    if (id == (by_uuid ? service_uuid(service.binary, service.host) : std::to_string(service.number)))
      co_return service;
  co_return refused(404, fmt::format("Service {} {}.", id, missing));
}

// From 2.53 on: PUT os-services/UUID.
Task<Answered> set_by_uuid(Call& call) {
  static const Rule rule = object(
      {{"status", one_of({"enabled", "disabled"})}, {"disabled_reason", text(1, 255)}, {"forced_down", boolean()}});
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto service = co_await find_service(call, "could not be found");
  if (!service) co_return std::unexpected(std::move(service.error()));
  std::string status = text_at(call.body, "status");
  std::string reason = text_at(call.body, "disabled_reason");
  const bool forces = member(call.body, "forced_down") != nullptr;
  if (status.empty() && reason.empty() && !forces)
    co_return refused(400, "No updates were requested. Fields 'status' or 'forced_down' should be specified.");
  if (!reason.empty() && status != "disabled")
    co_return refused(400, "Specifying 'disabled_reason' when status is 'enabled' is invalid.");
  if (service->binary != "nova-compute")
    co_return refused(400,
                      fmt::format("Updating a {} service is not supported. Only nova-compute services can be updated.",
                                  service->binary));
  std::string host = service->host;
  if (!status.empty()) {
    auto set = co_await ask(call, SetHostEnabled{host, status == "enabled", reason});
    if (!set) co_return std::unexpected(std::move(set.error()));
  }
  if (forces) {
    auto forced = co_await force_down(call, host, boolean_at(call.body, "forced_down", false));
    if (!forced) co_return std::unexpected(std::move(forced.error()));
  }
  auto view_now = co_await find_host(call, host);
  if (!view_now) co_return std::unexpected(std::move(view_now.error()));
  co_return Answer{200, {{"service", view(kFields, service_of(*view_now), call)}}};
}

// Of the other daemons none is deleted: they are what they are, and not what a table says.
Task<Answered> remove(Call& call) {
  auto service = co_await find_service(call, "not found");
  if (!service) co_return std::unexpected(std::move(service.error()));
  if (service->binary != "nova-compute")
    co_return refused(
        409, fmt::format("{} runs as {}: only nova-compute services can be deleted.", service->binary, service->host));
  auto gone = co_await ask(call, DeleteHost{service->host});
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-services", kAdmin, "os_compute_api:os-services:list", &list},
    {kNova, "PUT", "/v2.1/os-services/{service}", kAdmin, "os_compute_api:os-services:update", &set_by_name, 1, 52},
    {kNova, "PUT", "/v2.1/os-services/{service}", kAdmin, "os_compute_api:os-services:update", &set_by_uuid, 53},
    {kNova, "DELETE", "/v2.1/os-services/{service}", kAdmin, "os_compute_api:os-services:delete", &remove},
};

}  // namespace

std::span<const Route> compute_service_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
