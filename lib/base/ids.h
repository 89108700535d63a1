// Identifiers that cross daemons: 16 bytes, compared and hashed as such, printed as Nova prints them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace kilonova {

struct Uuid {
  std::array<uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
};

// RFC 9562 version 4, from the injected generator.
Uuid random_uuid(Random& random);
// "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
std::string to_string(const Uuid& uuid);
// "f81d4fae7dec11d0a76500a0c91e6bf6": how Keystone writes projects and users.
std::string to_hex(const Uuid& uuid);
// Either form, any case; nothing for anything else.
std::optional<Uuid> parse_uuid(std::string_view text);

// Which daemon a process is. The order is the order in which `up` starts them.
enum class Role : uint8_t { kController = 1, kScheduler = 2, kNetwork = 3, kCompute = 4, kApi = 5, kClient = 6 };

// The daemon's binary without its prefix: "controller", "scheduler", "network", "compute", "api".
std::string_view to_string(Role role);

// A process of the cloud. Index counts processes of one role from 0 and survives a restart.
struct PeerId {
  Role role = Role::kClient;
  uint32_t index = 0;
  auto operator<=>(const PeerId&) const = default;
};

// "compute-3"
std::string to_string(PeerId peer);

// Drawn anew at each start of a process; never 0.
using Incarnation = uint64_t;

}  // namespace kilonova

template <>
struct std::hash<kilonova::Uuid> {
  size_t operator()(const kilonova::Uuid& uuid) const noexcept {
    uint64_t high, low;
    __builtin_memcpy(&high, uuid.bytes.data(), 8);
    __builtin_memcpy(&low, uuid.bytes.data() + 8, 8);
    return high ^ (low * 0x9e3779b97f4a7c15ULL);
  }
};

template <>
struct std::hash<kilonova::PeerId> {
  size_t operator()(const kilonova::PeerId& peer) const noexcept {
    return (static_cast<size_t>(peer.role) << 32) | peer.index;
  }
};
