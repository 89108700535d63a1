// What a guest shows: its console, and the numbers that its hypervisor has of it. Nova: os-getConsoleOutput,
// remote-consoles, diagnostics. Nothing of it is stored: it is made of the server's row when somebody asks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/operation.h"
#include "domain/states.h"

namespace kilonova {

struct ConsoleOutput {
  std::string output;
  bool operator==(const ConsoleOutput&) const = default;
};

struct ConsoleUrl {
  std::string protocol;  // "vnc"
  std::string type;      // "novnc"
  std::string url;
  bool operator==(const ConsoleUrl&) const = default;
};

// Of a guest that runs. Amounts are since it was launched.
struct ServerDiagnostics {
  struct Disk {
    uint64_t read_bytes = 0;
    uint64_t read_requests = 0;
    uint64_t write_bytes = 0;
    uint64_t write_requests = 0;
    bool operator==(const Disk&) const = default;
  };
  struct Nic {
    std::string mac;
    uint64_t rx_octets = 0;
    uint64_t rx_packets = 0;
    uint64_t tx_octets = 0;
    uint64_t tx_packets = 0;
    bool operator==(const Nic&) const = default;
  };
  PowerState power_state = PowerState::kNoState;
  uint64_t uptime_s = 0;
  bool config_drive = false;
  uint32_t vcpus = 0;
  uint64_t cpu_time_ns = 0;  // of each vcpu
  uint64_t memory_mb = 0;
  std::vector<Disk> disks;
  std::vector<Nic> nics;
  bool operator==(const ServerDiagnostics&) const = default;
};

// kConflict while no host has it.
struct GetConsoleOutput {
  static constexpr Operation kOperation{"GetConsoleOutput", UserRole::kMember, Effect::kReads};
  using Reply = ConsoleOutput;
  std::string server;
  int64_t lines = -1;  // the last so many; -1 = all

  Expected<> check() const;
  bool operator==(const GetConsoleOutput&) const = default;
};

// kInvalidArgument for a type that this cloud's hosts do not offer: they have VNC alone, as Nova's do by default.
struct GetConsoleUrl {
  static constexpr Operation kOperation{"GetConsoleUrl", UserRole::kMember, Effect::kReads};
  using Reply = ConsoleUrl;
  std::string server;
  std::string type = "novnc";

  Expected<> check() const;
  bool operator==(const GetConsoleUrl&) const = default;
};

// kConflict for a guest that does not run.
struct GetServerDiagnostics {
  static constexpr Operation kOperation{"GetServerDiagnostics", UserRole::kAdmin, Effect::kReads};
  using Reply = ServerDiagnostics;
  std::string server;

  Expected<> check() const;
  bool operator==(const GetServerDiagnostics&) const = default;
};

using GuestViewOperations = TypeList<GetConsoleOutput, GetConsoleUrl, GetServerDiagnostics>;

// nova/api/openstack/compute/schemas/remote_consoles.py.
inline constexpr std::string_view kConsoleTypes[] = {"novnc", "xvpvnc", "spice-html5", "rdp-html5", "serial", "webmks"};

}  // namespace kilonova
