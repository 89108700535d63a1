// The form of an address in a body of Nova's: parameter_types.ip_address.
#pragma once

#include "api-server/front/openstack/schema.h"
#include "domain/ip_address.h"

namespace kilonova::api::openstack {

// Of either version.
inline Rule address_rule() {
  return [](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (!value.is_string())
      return Failure{field, value.is_string() ? value.get<std::string>() : python_repr(value),
                     python_repr(value) + " is not of type 'string'"};
    if (parse_ip(value.get<std::string>())) return std::nullopt;
    return Failure{field, value.is_string() ? value.get<std::string>() : python_repr(value),
                   python_repr(value) + " is not valid under any of the given schemas"};
  };
}

// What passed the rule, as it is stored and shown.
inline std::string address_at(const Json& object, std::string_view key) {
  std::optional<IpAddress> address = parse_ip(text_at(object, key));
  return address ? to_string(*address) : std::string();
}

}  // namespace kilonova::api::openstack
