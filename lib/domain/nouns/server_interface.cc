#include "domain/nouns/server_interface.h"

#include <fmt/format.h>

#include <optional>

#include "domain/form_rules.h"
#include "domain/ip_address.h"

namespace kilonova {
namespace {

Expected<> check_address(const std::string& text) {
  std::optional<IpAddress> address = parse_ip(text);
  if (address && to_string(*address) == text) return {};
  return refuse(fmt::format("the address {} is none in its canonical form", in_quotes(text)));
}

}  // namespace

Expected<> AttachInterface::check() const {
  if (!network.empty() && !port.empty()) return refuse("a network or a port may be named, not both");
  if (!port.empty() && !parse_uuid(port)) return refuse(fmt::format("the port {} is no id", in_quotes(port)));
  if (!fixed_ip.empty() && network.empty()) return refuse("a network must be named to ask for one of its addresses");
  return check_all(check_reference("server", server),
                   network.empty() ? Expected<>() : check_reference("network", network),
                   fixed_ip.empty() ? Expected<>() : check_address(fixed_ip));
}

Expected<> DetachInterface::check() const {
  return check_all(check_reference("server", server), check_reference("interface", interface));
}

Expected<> RemoveFixedIp::check() const { return check_all(check_reference("server", server), check_address(address)); }

Expected<> ChangeServerNics::check() const {
  if (kept.size() > kMaxInterfacesPerServer)
    return refuse(
        fmt::format("{} interfaces are named; a server has at most {}", kept.size(), kMaxInterfacesPerServer));
  if (!network.is_nil() && !port.is_nil()) return refuse("a network or a port may be named, not both");
  return fixed_ip.empty() ? Expected<>() : check_address(fixed_ip);
}

}  // namespace kilonova
