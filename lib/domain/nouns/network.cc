#include "domain/nouns/network.h"

#include <fmt/format.h>

#include <optional>


namespace kilonova {

Expected<> ListNetworks::check() const {
  return check_all(check_text("the network", network), check_limit(limit), check_text("the marker", marker));
}

Expected<> CreateNetwork::check() const {
  if (auto valid = check_name("the network's name", name); !valid) return valid;
  std::optional<Cidr> subnet = parse_cidr(cidr);
  if (!subnet)
    return refuse(fmt::format("the cidr {} must be a network address such as 10.1.0.0/16, its host bits zero",
                              in_quotes(cidr)));
  if (subnet->prefix < 8 || subnet->prefix > 30)
    return refuse(fmt::format("the cidr {} has prefix /{}; it must be from /8 to /30", cidr, subnet->prefix));
  if (gateway.empty()) return {};
  std::optional<Ipv4> address = parse_ipv4(gateway);
  uint32_t last = subnet->network.value | (UINT32_MAX >> subnet->prefix);
  if (!address || address->value <= subnet->network.value || address->value >= last)
    return refuse(fmt::format("the gateway {} must be an address of {}, from {} to {}", in_quotes(gateway), cidr,
                              to_string(Ipv4{subnet->network.value + 1}), to_string(Ipv4{last - 1})));
  return {};
}

// Neutron's policies create_network:shared and create_network:router:external.
std::string_view CreateNetwork::admin_only(const RequestContext&) const {
  if (shared) return "a shared network";
  return external ? "an external network" : "";
}

Expected<> DeleteNetwork::check() const { return check_reference("network", network); }

Expected<> ListLeases::check() const {
  if (!marker.empty() && !parse_ipv4(marker))
    return refuse(fmt::format("the marker {} must be the address of the last lease of the page before",
                              in_quotes(marker)));
  return check_all(check_reference("network", network), check_limit(limit));
}

}  // namespace kilonova
