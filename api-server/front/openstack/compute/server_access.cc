#include "api-server/front/openstack/compute/server_access.h"

#include <fmt/format.h>

#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

Refusal no_address(const char* key, const Json& value, const char* form) {
  return {400, fmt::format("Invalid input for field/attribute {}. Value: {}. {} is not a '{}'", key,
                           text_at(value, key), python_repr(value[key]), form)};
}

}  // namespace

std::expected<ServerAccess, Refusal> read_access(const Json& wanted) {
  ServerAccess access;
  access.sets_access_ip_v4 = member(wanted, "accessIPv4") != nullptr;
  access.access_ip_v4 = text_at(wanted, "accessIPv4");
  access.sets_access_ip_v6 = member(wanted, "accessIPv6") != nullptr;
  access.access_ip_v6 = text_at(wanted, "accessIPv6");
  if (const Json* certificates = member(wanted, "trusted_image_certificates")) {
    access.sets_trusted_image_certificates = true;
    if (certificates->is_array())
      for (const Json& id : *certificates) access.trusted_image_certificates.push_back(id.get<std::string>());
  }
  access.sets_auto_disk_config = member(wanted, "OS-DCF:diskConfig") != nullptr;
  access.auto_disk_config = text_at(wanted, "OS-DCF:diskConfig") == "AUTO";
  if (!access.access_ip_v4.empty() && !parse_ipv4(access.access_ip_v4))
    return std::unexpected(no_address("accessIPv4", wanted, "ipv4"));
  if (!access.access_ip_v6.empty() && !is_ipv6(access.access_ip_v6))
    return std::unexpected(no_address("accessIPv6", wanted, "ipv6"));
  // As Nova keeps it: in its shortest form.
  if (auto address = parse_ip(access.access_ip_v6)) access.access_ip_v6 = to_string(*address);
  return access;
}

}  // namespace kilonova::api::openstack
