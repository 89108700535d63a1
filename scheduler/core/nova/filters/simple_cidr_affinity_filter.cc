// Nova: nova/scheduler/filters/affinity_filter.py.
#include <fmt/format.h>

#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/nova/ip_network.h"

namespace kilonova::scheduler::nova {

// The texts of the two hints are glued together, whatever they are: "10.0.1.7" and "24" make the address 10.0.1.724.
PythonResult<bool> simple_cidr_affinity_filter(const HostState& host, const RequestSpec& spec, const Options&) {
  const PythonValue cidr = get_scheduler_hint(spec, "cidr", PythonValue("/24"));
  const PythonValue near = get_scheduler_hint(spec, "build_near_host_ip");
  if (!python_truth(near)) return true;
  const auto* near_text = near.as<std::string>();
  const auto* cidr_text = cidr.as<std::string>();
  if (near_text == nullptr || cidr_text == nullptr)
    return raise("TypeError",
                 fmt::format("sequence item {}: expected str instance, list found", near_text == nullptr ? 0 : 1));
  const std::optional<IpNetwork> network = IpNetwork::parse(*near_text + *cidr_text);
  if (!network) return raise("AddrFormatError", fmt::format("invalid IPNetwork {}{}", *near_text, *cidr_text));
  const std::optional<IpAddress> address = host.host_ip ? IpAddress::parse(*host.host_ip) : std::nullopt;
  if (!address) return raise("AddrFormatError", "failed to detect a valid IP address from None");
  return network->contains(*address);
}

}  // namespace kilonova::scheduler::nova
