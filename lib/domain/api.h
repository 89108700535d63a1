// What a client can ask, whichever front it came through. The api-server checks form and role and forwards; the controller
// (or the network-controller, for networks) decides and answers. Every operation carries its caller's project.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/beliefs.h"
#include "domain/instance.h"
#include "domain/launch_steps.h"
#include "domain/net.h"
#include "domain/records.h"
#include "domain/request_spec.h"

namespace kilonova {

// Who asks, as the token says.
struct RequestContext {
  Uuid user_id;
  Uuid project_id;
  UserRole role = UserRole::kNone;
  TraceContext trace;

  bool operator==(const RequestContext&) const = default;
  bool is_admin() const { return role >= UserRole::kAdmin; }
};

// ---- servers. `server` is an id or a name; a name that several servers of the project have is kConflict.

struct CreateServers {
  std::string name;
  std::string flavor;                 // id or name
  std::string image;                  // id or name
  std::vector<std::string> networks;  // ids or names; empty = the one network the project can use
  std::string key_name;
  std::string availability_zone;  // "zone", or "zone:host" for admins
  uint32_t min_count = 1;
  uint32_t max_count = 1;
  std::string client_token;
  bool operator==(const CreateServers&) const = default;
};
struct GetServer {
  std::string server;
  bool all_projects = false;
  bool operator==(const GetServer&) const = default;
};
struct ListServers {
  bool all_projects = false;  // admins
  std::string name;           // substring, "" = any
  std::string status;         // "ACTIVE", "" = any
  std::string host;           // admins
  uint32_t limit = 1000;      // at most 1000
  std::string marker;         // id of the last server of the page before
  bool operator==(const ListServers&) const = default;
};
struct DeleteServer {
  std::string server;
  bool all_projects = false;
  bool operator==(const DeleteServer&) const = default;
};
// Stop, start, soft and hard reboot: nova/compute/api.py's allowed states.
struct ServerAction {
  enum class Action : uint8_t { kStop = 1, kStart = 2, kReboot = 3, kRebootHard = 4 };
  std::string server;
  Action action = Action::kStop;
  bool operator==(const ServerAction&) const = default;
};
// The launch record: steps of every try, and the decisions (`trace`, `explain`).
struct GetLaunchRecord {
  std::string server;
  bool all_projects = false;
  bool operator==(const GetLaunchRecord&) const = default;
};
// Watch: events after a revision, for one project or (admins) all.
struct ReadEvents {
  uint64_t since = 0;
  uint32_t limit = 1000;
  bool all_projects = false;
  bool operator==(const ReadEvents&) const = default;
};

// ---- flavors, images, key pairs. Show = list with the id or name given.

struct ListFlavors {
  std::string flavor;
  bool operator==(const ListFlavors&) const = default;
};
struct CreateFlavor {
  Flavor flavor;  // id "" or "auto" = drawn
  bool operator==(const CreateFlavor&) const = default;
};
struct DeleteFlavor {
  std::string flavor;
  bool operator==(const DeleteFlavor&) const = default;
};
struct ListImages {
  std::string image;
  bool operator==(const ListImages&) const = default;
};
struct CreateImage {
  std::string name;
  uint64_t size_bytes = 0;
  int64_t min_disk_gb = 0;
  int64_t min_ram_mb = 0;
  std::string disk_format = "qcow2";
  bool is_public = false;
  bool operator==(const CreateImage&) const = default;
};
struct DeleteImage {
  std::string image;
  bool operator==(const DeleteImage&) const = default;
};
struct ListKeyPairs {
  std::string name;
  bool operator==(const ListKeyPairs&) const = default;
};
// The api-server generated or parsed the key; the private half never leaves it.
struct CreateKeyPair {
  KeyPair key_pair;
  bool operator==(const CreateKeyPair&) const = default;
};
struct DeleteKeyPair {
  std::string name;
  bool operator==(const DeleteKeyPair&) const = default;
};

// ---- networks: decided by the network-controller

struct ListNetworks {
  std::string network;
  bool operator==(const ListNetworks&) const = default;
};
struct CreateNetwork {
  std::string name;
  std::string cidr;
  std::string gateway;  // "" = the first usable address
  bool shared = false;
  bool external = false;
  bool operator==(const CreateNetwork&) const = default;
};
struct DeleteNetwork {
  std::string network;
  bool operator==(const DeleteNetwork&) const = default;
};
// The addresses and leases of one network (admins, or of the caller's project).
struct ListLeases {
  std::string network;
  uint32_t limit = 1000;
  bool operator==(const ListLeases&) const = default;
};

// ---- identity and quota

// What a log-in needs: asked by the api-server itself, before there is a context.
struct FindUser {
  std::string user;
  std::string project;  // "" = the only or first one that the user has a role in
  bool operator==(const FindUser&) const = default;
};
struct ListProjects {
  std::string project;
  bool operator==(const ListProjects&) const = default;
};
struct CreateProject {
  std::string name;
  std::string description;
  bool operator==(const CreateProject&) const = default;
};
struct DeleteProject {
  std::string project;
  bool operator==(const DeleteProject&) const = default;
};
struct ListUsers {
  std::string user;
  bool operator==(const ListUsers&) const = default;
};
struct CreateUser {
  std::string name;
  std::string password_hash;
  bool operator==(const CreateUser&) const = default;
};
struct DeleteUser {
  std::string user;
  bool operator==(const DeleteUser&) const = default;
};
struct GrantRole {
  std::string user;
  std::string project;
  UserRole role = UserRole::kNone;  // kNone = revoke
  bool operator==(const GrantRole&) const = default;
};
struct GetQuota {
  std::string project;  // "" = the caller's
  bool operator==(const GetQuota&) const = default;
};
struct SetQuota {
  std::string project;
  Quota quota;         // all three values
  bool force = false;  // also below what is used
  bool operator==(const SetQuota&) const = default;
};

// ---- hosts, services, faults, the cloud

struct ListHosts {
  std::string host;
  bool operator==(const ListHosts&) const = default;
};
struct SetHostEnabled {
  std::string host;
  bool enabled = true;
  std::string reason;
  bool operator==(const SetHostEnabled&) const = default;
};
struct ListServices {
  bool operator==(const ListServices&) const = default;
};
struct AddFault {
  FaultRule rule;
  bool operator==(const AddFault&) const = default;
};
struct ListFaults {
  bool operator==(const ListFaults&) const = default;
};
struct ClearFaults {
  uint64_t id = 0;  // 0 = all
  bool operator==(const ClearFaults&) const = default;
};
struct GetCloudStatus {
  bool operator==(const GetCloudStatus&) const = default;
};

using ApiRequest =
    std::variant<CreateServers, GetServer, ListServers, DeleteServer, ServerAction, GetLaunchRecord, ReadEvents,
                 ListFlavors, CreateFlavor, DeleteFlavor, ListImages, CreateImage, DeleteImage, ListKeyPairs,
                 CreateKeyPair, DeleteKeyPair, ListNetworks, CreateNetwork, DeleteNetwork, ListLeases, FindUser,
                 ListProjects, CreateProject, DeleteProject, ListUsers, CreateUser, DeleteUser, GrantRole, GetQuota,
                 SetQuota, ListHosts, SetHostEnabled, ListServices, AddFault, ListFaults, ClearFaults, GetCloudStatus,
                 ReadBeliefs>;

// ---- answers
//
// Which alternative answers which request: the one of its name; GetServer a ServerList of one; CreateX an XList whose first
// is the one made (AddFault likewise); DeleteX, ServerAction, GrantRole, SetHostEnabled and ClearFaults an Empty; SetQuota
// a QuotaReply; ReadBeliefs (beliefs.h) a BeliefPage.

struct Empty {
  bool operator==(const Empty&) const = default;
};
struct CreateServersReply {
  std::vector<Instance> servers;  // as committed; max_count cut to what the quota allows, never below min_count
  std::string reservation_id;
  uint64_t revision = 0;  // watch from here to see these servers change
  bool operator==(const CreateServersReply&) const = default;
};
struct ServerList {
  std::vector<Instance> servers;
  bool more = false;  // ask again with the last id as marker
  bool operator==(const ServerList&) const = default;
};
struct LaunchRecord {
  Instance server;
  std::vector<StepRecord> steps;    // by epoch, then step
  std::vector<Decision> decisions;  // one a try
  bool operator==(const LaunchRecord&) const = default;
};
struct EventList {
  std::vector<WatchEvent> events;
  uint64_t revision = 0;  // newest committed
  bool operator==(const EventList&) const = default;
};
struct FlavorList {
  std::vector<Flavor> flavors;
  bool operator==(const FlavorList&) const = default;
};
struct ImageList {
  std::vector<Image> images;
  bool operator==(const ImageList&) const = default;
};
struct KeyPairList {
  std::vector<KeyPair> key_pairs;
  bool operator==(const KeyPairList&) const = default;
};
struct NetworkList {
  std::vector<Network> networks;
  std::vector<uint64_t> used;  // addresses held, by network
  bool operator==(const NetworkList&) const = default;
};
struct Lease {
  Uuid instance;
  uint64_t epoch = 0;
  std::string hostname;
  Address address;
  bool operator==(const Lease&) const = default;
};
struct LeaseList {
  std::vector<Lease> leases;
  bool operator==(const LeaseList&) const = default;
};
struct FoundUser {
  User user;
  Project project;
  UserRole role = UserRole::kNone;
  bool operator==(const FoundUser&) const = default;
};
struct ProjectList {
  std::vector<Project> projects;
  bool operator==(const ProjectList&) const = default;
};
struct UserList {
  std::vector<User> users;  // without hashes
  std::vector<RoleAssignment> roles;
  bool operator==(const UserList&) const = default;
};
struct QuotaReply {
  Quota quota;
  QuotaUsage usage;
  bool operator==(const QuotaReply&) const = default;
};
struct HostView {
  Host host;
  Resources used;  // by the controller's allocations
  uint32_t instances = 0;
  bool up = false;
  WallTime last_seen;
  bool operator==(const HostView&) const = default;
};
struct HostList {
  std::vector<HostView> hosts;
  bool operator==(const HostList&) const = default;
};
// One daemon as the controller sees it.
struct ServiceView {
  PeerId peer;
  Incarnation incarnation = 0;
  bool connected = false;
  WallTime connected_since;
  WallTime last_seen;
  uint64_t hosts = 0;  // compute only
  bool operator==(const ServiceView&) const = default;
};
struct ServiceList {
  std::vector<ServiceView> services;
  bool operator==(const ServiceList&) const = default;
};
struct FaultList {
  std::vector<FaultRule> rules;
  bool operator==(const FaultList&) const = default;
};
struct CloudStatus {
  uint64_t servers = 0;
  uint64_t active = 0;
  uint64_t building = 0;
  uint64_t error = 0;
  uint64_t hosts = 0;
  uint64_t hosts_up = 0;
  uint64_t revision = 0;
  uint64_t claim_conflicts = 0;  // claims that hosts refused, since the controller started
  bool operator==(const CloudStatus&) const = default;
};

using ApiResponse =
    std::variant<Empty, CreateServersReply, ServerList, LaunchRecord, EventList, FlavorList, ImageList, KeyPairList,
                 NetworkList, LeaseList, FoundUser, ProjectList, UserList, QuotaReply, HostList, ServiceList, FaultList,
                 CloudStatus, BeliefPage>;

// "CreateServers"
std::string_view request_name(const ApiRequest& request);

// The role an operation needs, as Nova's default policies have it (reader reads, member writes, admin administers).
UserRole required_role(const ApiRequest& request);

// True for what the network-controller decides.
bool is_network_request(const ApiRequest& request);

}  // namespace kilonova
