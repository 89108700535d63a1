// What brings a server to another host, and what became of such moves. A server is named by id, or by name within the
// caller's project; administrators act on those of every project.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/move.h"
#include "domain/operation.h"

namespace kilonova {

// `migrations` are newest first.
struct MigrationList {
  std::vector<Migration> migrations;
  bool more = false;  // ask again with the last id as marker
  bool operator==(const MigrationList&) const = default;
};

// To a host that has room for another flavor; it waits there until it is confirmed or reverted.
struct ResizeServer {
  static constexpr Operation kOperation{"ResizeServer", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  std::string flavor;  // id or name

  Expected<> check() const;
  bool operator==(const ResizeServer&) const = default;
};

// As a resize to the flavor that it has.
struct MigrateServer {
  static constexpr Operation kOperation{"MigrateServer", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  std::string host;  // "" = any but its own

  Expected<> check() const;
  bool operator==(const MigrateServer&) const = default;
};

// While it runs.
struct LiveMigrateServer {
  static constexpr Operation kOperation{"LiveMigrateServer", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  std::string host;    // "" = any but its own
  bool force = false;  // to that host, whatever filters say

  Expected<> check() const;
  bool operator==(const LiveMigrateServer&) const = default;
};

// Of a server whose host is down: made anew on another one, with the same addresses.
struct EvacuateServer {
  static constexpr Operation kOperation{"EvacuateServer", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  std::string host;    // "" = any but its own
  bool force = false;  // to that host, whatever filters say

  Expected<> check() const;
  bool operator==(const EvacuateServer&) const = default;
};

struct UnshelveServer {
  static constexpr Operation kOperation{"UnshelveServer", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  bool sets_zone = false;         // also to none
  std::string availability_zone;  // counts with the field before
  std::string host;               // "" = any; admins

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const UnshelveServer&) const = default;
};

// What is "", or 0, is not asked for.
struct ListMigrations {
  static constexpr Operation kOperation{"ListMigrations", UserRole::kAdmin, Effect::kReads};
  using Reply = MigrationList;
  std::string server;  // id, or name in the caller's project
  std::string host;    // that it left or came to
  std::string source_compute;
  std::string status;
  std::string type;  // "resize", "migration", "live-migration", "evacuation"
  std::string user_id;
  std::string project_id;
  WallTime changed_since;
  WallTime changed_before;
  uint32_t limit = kMaxPageSize;
  int64_t marker = 0;  // id of the last one of the page before

  Expected<> check() const;
  bool operator==(const ListMigrations&) const = default;
};

// Of a live migration that has not come over yet.
struct AbortMigration {
  static constexpr Operation kOperation{"AbortMigration", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  int64_t migration = 0;
  bool running_only = false;  // as Nova before 2.65: not while it is being prepared

  Expected<> check() const;
  bool operator==(const AbortMigration&) const = default;
};

// A live migration that its server's memory changes too fast for. Simulated ones are not held up: it is only checked.
struct ForceCompleteMigration {
  static constexpr Operation kOperation{"ForceCompleteMigration", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  int64_t migration = 0;

  Expected<> check() const;
  bool operator==(const ForceCompleteMigration&) const = default;
};

using ServerMoveOperations = TypeList<ResizeServer, MigrateServer, LiveMigrateServer, EvacuateServer, UnshelveServer,
                                      ListMigrations, AbortMigration, ForceCompleteMigration>;

}  // namespace kilonova
