// Addresses of the simulated networks. IPv4 and MAC as integers, so that pools can count; text only at the edges.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace kilonova {

struct Ipv4 {
  uint32_t value = 0;  // host byte order
  auto operator<=>(const Ipv4&) const = default;
};

struct Mac {
  uint64_t value = 0;  // 48 bits, the first byte of the text highest
  auto operator<=>(const Mac&) const = default;
};

struct Cidr {
  Ipv4 network;
  uint8_t prefix = 0;  // 0..32
  auto operator<=>(const Cidr&) const = default;
};

std::string to_string(Ipv4 address);
std::string to_string(Mac mac);
std::string to_string(Cidr cidr);
std::optional<Ipv4> parse_ipv4(std::string_view text);  // four decimal parts, no leading zeros
std::optional<Cidr> parse_cidr(std::string_view text);  // host bits must be zero

// One network with its one IPv4 subnet; owned by the network-controller.
struct Network {
  Uuid id;
  std::string name;
  Uuid project_id;
  bool shared = false;    // every project may use it
  bool external = false;  // the way out: only administrators may attach servers to it
  Cidr cidr;
  Ipv4 gateway;
  uint16_t vlan = 0;  // bridge is "br<vlan>"
  WallTime created_at;

  bool operator==(const Network&) const = default;
};

// Whether a server of this project may have a nic on the network: shared networks and those of the project; external
// ones where an administrator asks (Nova's policy network:attach_external_network).
bool may_attach(const Network& network, const Uuid& project, bool is_admin);

// One nic of a server. Held by (instance, epoch, nic): see docs/protocol.md, "Addresses".
struct Address {
  Uuid network_id;
  std::string network_name;
  uint32_t nic = 0;  // 0 is the first
  Ipv4 ip;
  uint8_t prefix = 0;
  Ipv4 gateway;
  Mac mac;  // fa:16:3e:xx:xx:xx
  uint16_t vlan = 0;
  std::string bridge;
  WallTime lease_expires_at;  // DHCP

  bool operator==(const Address&) const = default;
};

// Of what a nic holds: the sum over a server's nics tells two sets of addresses apart, whatever their order.
uint64_t digest_of(const Uuid& network_id, uint32_t nic, Ipv4 ip, Mac mac);
uint64_t digest_of(const std::vector<Address>& addresses);

// An address that is held, and by whom.
struct Lease {
  Uuid instance;
  uint64_t epoch = 0;
  std::string hostname;
  Address address;
  uint64_t shared_with = 0;  // the epoch that the server moves away from, which has it too; 0 = none
  bool operator==(const Lease&) const = default;
};

}  // namespace kilonova
