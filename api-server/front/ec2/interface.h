// A network interface as EC2 shows it: a port, or a server's nic that has none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/metadata.h"
#include "domain/nouns/network_part.h"

namespace kilonova::api::ec2 {

struct GroupOfInterface {
  std::string uuid;  // Neutron's
  std::string name;
  bool operator==(const GroupOfInterface&) const = default;
};

// The ids that EC2 gives them, and their names.
std::vector<std::string> ids_of(const std::vector<GroupOfInterface>& groups);
std::vector<std::string> names_of(const std::vector<GroupOfInterface>& groups);

// A floating IP that leads to an interface.
struct FloatingAddress {
  std::string address;
  std::string uuid;
};

struct ShownInterface {
  std::string uuid;  // of the port
  std::string owner;
  std::string mac;
  std::string description;
  std::string instance;            // "i-..."; "" = none has it
  uint32_t index = 0;              // among the instance's
  bool goes_with_device = true;    // with the instance
  bool is_of_a_router = false;     // or of something else that is no instance
  WallTime since;                  // that there is one
  std::vector<FixedIp> addresses;  // the first of version 4 is the primary one
  std::vector<GroupOfInterface> groups;
  std::map<std::string, FloatingAddress> floating;  // by these
  std::vector<MetadataItem> tags;

  bool is_in_use() const { return !instance.empty() || is_of_a_router; }
  // "" without one.
  std::string primary() const;
  std::string public_address() const { return public_of(primary()); }
  std::string public_of(const std::string& address) const;
  std::string subnet() const;  // Neutron's id of the primary one's
};

}  // namespace kilonova::api::ec2
