// The other records of the controller: small, kept whole in memory, one struct a table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/launch_steps.h"
#include "domain/resources.h"
#include "domain/states.h"

namespace kilonova {

struct Image {
  Uuid id;
  std::string name;
  Uuid owner;
  bool is_public = true;
  uint64_t size_bytes = 0;
  int64_t min_disk_gb = 0;
  int64_t min_ram_mb = 0;
  std::string disk_format = "qcow2";
  std::string status = "active";
  WallTime created_at;
  bool operator==(const Image&) const = default;
};

struct KeyPair {
  std::string name;
  Uuid user_id;  // key pairs belong to a user, not a project
  std::string type;  // "ssh" (RSA or ed25519, told by the key itself)
  std::string public_key;
  std::string fingerprint;
  WallTime created_at;
  bool operator==(const KeyPair&) const = default;
};

struct Project {
  Uuid id;
  std::string name;
  std::string description;
  bool enabled = true;
  bool operator==(const Project&) const = default;
};

struct User {
  Uuid id;
  std::string name;
  std::string password_hash;  // "scrypt$N$r$p$salt$hash"; never leaves the daemons, never logged
  bool enabled = true;
  bool operator==(const User&) const = default;
};

// Ordered: each role includes the ones below it, as Keystone's implied roles do.
enum class UserRole : uint8_t { kNone = 0, kReader = 1, kMember = 2, kAdmin = 3 };
std::string_view to_string(UserRole role);  // "reader"
UserRole parse_user_role(std::string_view name);  // kNone for an unknown name

struct RoleAssignment {
  Uuid user_id;
  Uuid project_id;
  UserRole role = UserRole::kNone;
  bool operator==(const RoleAssignment&) const = default;
};

// -1 = unlimited (nova/quota.py).
struct Quota {
  Uuid project_id;
  int64_t instances = 10;
  int64_t cores = 20;
  int64_t ram_mb = 51200;
  bool operator==(const Quota&) const = default;
};

struct QuotaUsage {
  int64_t instances = 0;
  int64_t cores = 0;
  int64_t ram_mb = 0;
  bool operator==(const QuotaUsage&) const = default;
};

// A simulated hypervisor as it registered. `id` is the registration order, the scheduler's tie-breaker.
struct Host {
  int64_t id = 0;
  std::string name;
  std::string zone = "nova";
  Resources total;
  PeerId process;  // the compute process that carries it
  bool enabled = true;
  std::string disabled_reason;
  WallTime created_at;
  bool operator==(const Host&) const = default;
};

// kilonova fault add: see InjectedFault for how it strikes.
struct FaultRule {
  uint64_t id = 0;
  LaunchStep step = LaunchStep::kNone;
  std::string host_pattern;    // glob, "" = any
  std::string server_pattern;  // glob on the server's name, "" = any
  int64_t count = -1;          // how many tries it still strikes, -1 = until cleared
  int64_t struck = 0;
  Duration delay;
  bool fails = true;
  bool aborts = false;
  std::string message;
  bool operator==(const FaultRule&) const = default;
};

// A create call's idempotency token, unique per project, committed with the rows.
struct ClientToken {
  Uuid project_id;
  std::string token;
  Uuid request_hash;  // of the request's content: the same token with another request is refused
  std::vector<Uuid> instances;
  WallTime created_at;
  bool operator==(const ClientToken&) const = default;
};

// One committed change, numbered ascending across the cloud's whole life; a commit that failed leaves a gap.
struct WatchEvent {
  uint64_t revision = 0;
  WallTime time;
  Uuid project_id;
  Uuid instance;
  std::string name;
  VmState vm_state = VmState::kBuilding;
  TaskState task_state = TaskState::kNone;
  PowerState power_state = PowerState::kNoState;
  std::string host;
  uint64_t epoch = 0;
  bool deleted = false;  // the row is gone
  std::string fault;
  bool operator==(const WatchEvent&) const = default;
};

}  // namespace kilonova
