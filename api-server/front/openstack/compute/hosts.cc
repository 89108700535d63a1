#include "api-server/front/openstack/compute/hosts.h"

#include <algorithm>

#include "api-server/front/openstack/digest.h"

namespace kilonova::api::openstack {
namespace {

constexpr int64_t kOtherServices = 1000;  // room for controllers and schedulers

}  // namespace

Task<std::expected<std::vector<HostView>, Refusal>> all_hosts(Call& call) {
  auto hosts =
      co_await ask_all(call, ListHosts{}, &HostList::hosts, [](const HostView& view) { return view.host.name; });
  if (hosts) std::ranges::sort(*hosts, {}, [](const HostView& view) { return view.host.id; });
  co_return hosts;
}

std::string_view binary_of(const ServiceView& daemon) {
  if (daemon.peer.role == Role::kController) return "nova-conductor";
  return daemon.peer.role == Role::kScheduler ? "nova-scheduler" : "";
}

bool is_up(const ServiceView& daemon) { return daemon.connected || daemon.peer.role == Role::kController; }

int64_t service_number(const Host& host) { return kOtherServices + host.id; }

std::string hypervisor_uuid(const std::string& host) { return stable_uuid("hypervisor " + host); }

std::string service_uuid(const std::string& binary, const std::string& host) {
  return stable_uuid("service " + binary + " " + host);
}

}  // namespace kilonova::api::openstack
