#include "api-server/front/openstack/compute/hosts.h"

#include <algorithm>

#include "api-server/front/openstack/digest.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

constexpr int64_t kOtherServices = 1000;  // room for controllers and schedulers

std::string dashed(const std::string& hex) { return to_string(*parse_uuid(hex)); }

}  // namespace

Task<std::expected<std::vector<HostView>, Refusal>> all_hosts(Call& call) {
  auto hosts =
      co_await ask_all(call, ListHosts{}, &HostList::hosts, [](const HostView& view) { return view.host.name; });
  if (hosts) std::ranges::sort(*hosts, {}, [](const HostView& view) { return view.host.id; });
  co_return hosts;
}

int64_t service_number(const Host& host) { return kOtherServices + host.id; }

std::string hypervisor_uuid(const std::string& host) { return dashed(stable_id("hypervisor " + host)); }

std::string service_uuid(const std::string& binary, const std::string& host) {
  return dashed(stable_id("service " + binary + " " + host));
}

}  // namespace kilonova::api::openstack
