#include "domain/port_list.h"

#include "domain/nouns/network_part.h"

namespace kilonova {

std::string network_of_ports(std::span<const Uuid> ports) {
  std::string text(kPortPrefix);
  for (const Uuid& port : ports) {
    if (text.size() > kPortPrefix.size()) text += ',';
    text += to_string(port);
  }
  return text;
}

std::optional<std::vector<Uuid>> ports_of(std::string_view network) {
  if (!network.starts_with(kPortPrefix)) return std::nullopt;
  std::vector<Uuid> ports;
  for (std::string_view rest = network.substr(kPortPrefix.size());;) {
    const size_t comma = rest.find(',');
    std::optional<Uuid> port = parse_uuid(rest.substr(0, comma));
    if (!port) return std::nullopt;
    ports.push_back(*port);
    if (comma == std::string_view::npos) return ports;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace kilonova
