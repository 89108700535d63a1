// Servers: what clients ask of them. The row is domain/instance.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/instance.h"
#include "domain/instance_action.h"
#include "domain/operation.h"
#include "domain/request_spec.h"
#include "domain/server_actions.h"
#include "domain/server_properties.h"
#include "domain/watch_event.h"

namespace kilonova {

inline constexpr uint32_t kMaxServersPerCall = 1000;
inline constexpr size_t kMaxNetworksPerServer = 16;
inline constexpr size_t kMaxHintedServers = 100;   // of one scheduler hint
inline constexpr size_t kMaxGroupsPerServer = 50;  // security groups

// `properties` of a reply are those of its servers that have some, in any order.
struct CreateServersReply {
  std::vector<Instance> servers;  // as committed; max_count cut to what the quota allows, never below min_count
  std::string reservation_id;
  uint64_t revision = 0;  // watch from here to see these servers change
  std::vector<ServerProperties> properties;
  bool operator==(const CreateServersReply&) const = default;
};
struct ServerList {
  std::vector<Instance> servers;  // newest first
  bool more = false;              // ask again with the last id as marker
  std::vector<ServerProperties> properties;
  bool operator==(const ServerList&) const = default;
};
struct LaunchRecord {
  Instance server;
  std::vector<StepRecord> steps;    // by epoch, then step
  std::vector<Decision> decisions;  // one a try
  bool operator==(const LaunchRecord&) const = default;
};
struct InstanceActionList {
  std::vector<InstanceAction> actions;  // newest first, the create last
  bool operator==(const InstanceActionList&) const = default;
};
struct EventList {
  std::vector<WatchEvent> events;
  uint64_t revision = 0;    // newest committed
  uint64_t generation = 0;  // of these revisions: docs/protocol.md, "Revisions"
  bool operator==(const EventList&) const = default;
};

// The hostname that a guest is to have; "" = none is said.
Expected<> check_hostname(std::string_view hostname);

// `server` is an id or a name; a name that several servers of the project have is kConflict.

struct CreateServers {
  static constexpr Operation kOperation{"CreateServers", UserRole::kMember, Effect::kChanges};
  using Reply = CreateServersReply;
  std::string name;
  std::string flavor;                 // id or name
  std::string image;                  // id or name
  std::vector<std::string> networks;  // ids or names; empty = the one network the project can use; kNoNetwork = none
  std::string key_name;
  std::string availability_zone;  // "zone", or "zone:host" for admins
  uint32_t min_count = 1;
  uint32_t max_count = 1;
  std::string client_token;
  std::string description;
  std::vector<MetadataItem> metadata;  // in any order, the last one of a key counts
  std::vector<std::string> tags;       // likewise
  std::string user_data;               // base64
  bool config_drive = false;
  ServerAccess access;
  std::string server_group;                 // id or name; "" = none
  std::vector<std::string> same_host;       // ids of servers on whose hosts it is to be, where that filter is enabled
  std::vector<std::string> different_host;  // likewise, on whose hosts it is not to be
  std::string hostname;                     // "" = made of the name
  // Ids of groups that the front has, for interfaces without a port of their own; none = the project's default one.
  std::vector<std::string> security_groups = {};
  std::string requested_host = {};  // admins: the one host that it may go to, if all filters let it pass; "" = any
  bool ids_only = false;            // the flavor and the image are given by id: no name is taken for one

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const CreateServers&) const = default;
};

struct GetServer {
  static constexpr Operation kOperation{"GetServer", UserRole::kReader, Effect::kReads};
  using Reply = ServerList;
  std::string server;
  bool all_projects = false;  // admins

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const GetServer&) const = default;
};

// Of those that are gone the controller remembers the newest: domain/deleted_server.h.
enum class WhichServers : uint8_t { kThere = 0, kDeleted, kAll };

constexpr bool is_known(WhichServers which) { return which <= WhichServers::kAll; }

struct ListServers {
  static constexpr Operation kOperation{"ListServers", UserRole::kReader, Effect::kReads};
  using Reply = ServerList;
  bool all_projects = false;  // admins
  std::string name;           // substring, "" = any
  std::string status;         // "ACTIVE", "" = any
  std::string host;           // admins
  uint32_t limit = kMaxPageSize;
  std::string marker;  // id of the last server of the page before
  WhichServers which = WhichServers::kThere;
  WallTime deleted_since = {};  // of those that are gone, only who went then or later

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const ListServers&) const = default;
};

// Changes what is given, and nothing else. Metadata and tags are taken away first, then put.
struct SetServer {
  static constexpr Operation kOperation{"SetServer", UserRole::kMember, Effect::kChanges};
  using Reply = ServerList;
  std::string server;
  bool all_projects = false;  // admins
  std::string name;           // "" = stays
  std::string description;
  bool sets_description = false;
  bool replaces_metadata = false;           // all of it is taken away first
  std::vector<std::string> unset_metadata;  // a key that is not there is kNotFound
  std::vector<MetadataItem> set_metadata;
  bool replaces_tags = false;
  std::vector<std::string> remove_tags;  // one that is not there is kNotFound
  std::vector<std::string> add_tags;
  ServerAccess access;
  std::string hostname;  // "" = stays
  // Metadata of one that is being built, or has failed, too: EC2's tags are no affair of an instance's state.
  bool in_any_state = false;

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const SetServer&) const = default;
};

// A locked server is changed by administrators alone. What an administrator locked, its owner cannot unlock.
struct LockServer {
  static constexpr Operation kOperation{"LockServer", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  bool all_projects = false;  // admins
  bool locked = true;
  std::string reason;

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const LockServer&) const = default;
};

struct DeleteServer {
  static constexpr Operation kOperation{"DeleteServer", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  bool all_projects = false;  // admins
  bool force = false;         // at once, also where reclaim_instance_interval keeps deleted servers for a while

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const DeleteServer&) const = default;
};

// What may be asked in which state: domain/server_actions.h.
struct ServerAction {
  static constexpr Operation kOperation{"ServerAction", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  ServerActionKind action = ServerActionKind::kStop;

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const ServerAction&) const = default;
};

// The launch record: steps of every try, and the decisions (`trace`, `explain`).
struct GetLaunchRecord {
  static constexpr Operation kOperation{"GetLaunchRecord", UserRole::kReader, Effect::kReads};
  using Reply = LaunchRecord;
  std::string server;
  bool all_projects = false;  // admins

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const GetLaunchRecord&) const = default;
};

// What was asked of a server that is there: os-instance-actions.
struct ListInstanceActions {
  static constexpr Operation kOperation{"ListInstanceActions", UserRole::kReader, Effect::kReads};
  using Reply = InstanceActionList;
  std::string server;
  bool all_projects = false;  // admins

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const ListInstanceActions&) const = default;
};

// Watch: events after a revision, for one project or (admins) all.
struct ReadEvents {
  static constexpr Operation kOperation{"ReadEvents", UserRole::kReader, Effect::kReads};
  using Reply = EventList;
  uint64_t since = 0;
  uint32_t limit = kMaxPageSize;
  bool all_projects = false;  // admins
  uint64_t generation = 0;    // in which `since` was told; 0 = taken as one of now

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const ReadEvents&) const = default;
};

using ServerOperations = TypeList<CreateServers, GetServer, ListServers, SetServer, LockServer, DeleteServer,
                                  ServerAction, GetLaunchRecord, ListInstanceActions, ReadEvents>;

}  // namespace kilonova
