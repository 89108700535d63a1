// encode() and decode() of every struct that crosses daemons, defined by area in codec_*.cc from one list of fields each
// (fields.h). Used through convert.h and public_api.h.
#pragma once

#include "domain/api.h"
#include "domain/messages.h"
#include "kilonova/v1/envelope.pb.h"
#include "rpc/convert/decoder.h"

namespace kilonova::rpc {

// Every struct with a message of its own: the struct, its message. API requests and responses have their lists below.
#define KN_CODECS(X)                                      \
  X(Error, Error)                                         \
  X(PeerId, PeerId)                                       \
  X(Resources, Resources)                                 \
  X(Flavor, Flavor)                                       \
  X(FaultRule, FaultRule)                                 \
  X(StepRecord, StepRecord)                               \
  X(FilterCount, FilterCount)                             \
  X(WeigherScore, WeigherScore)                           \
  X(WeighedHost, WeighedHost)                             \
  X(Decision, Decision)                                   \
  X(PlacementId, PlacementId)                             \
  X(TraceContext, TraceContext)                           \
  X(ImageRef, ImageRef)                                   \
  X(RequestSpec, RequestSpec)                             \
  X(InjectedFault, InjectedFault)                         \
  X(Address, Address)                                     \
  X(InstanceFault, InstanceFault)                         \
  X(Instance, Instance)                                   \
  X(PlacementRequest, PlacementRequest)                   \
  X(SelectDestinations, SelectDestinations)               \
  X(HostStatus, HostStatus)                               \
  X(HostStatuses, HostStatuses)                           \
  X(NoValidHost, NoValidHost)                             \
  X(SelectDestinationsRefused, SelectDestinationsRefused) \
  X(SchedulerHeartbeat, SchedulerHeartbeat)               \
  X(BuildAndRunInstance, BuildAndRunInstance)             \
  X(HostUsage, HostUsage)                                 \
  X(UsageUpdate, UsageUpdate)                             \
  X(HostInfo, HostInfo)                                   \
  X(GuestInfo, GuestInfo)                                 \
  X(RegisterHosts, RegisterHosts)                         \
  X(ComputeHeartbeat::Unfinished, UnfinishedBuild)        \
  X(ComputeHeartbeat, ComputeHeartbeat)                   \
  X(InstanceReport, InstanceReport)                       \
  X(InstanceTerminated, InstanceTerminated)               \
  X(PowerActionDone, PowerActionDone)                     \
  X(RegisterHostsAnswer::Refused, RefusedHost)            \
  X(RegisterHostsAnswer, RegisterHostsAnswer)             \
  X(ReportAnswer, ReportAnswer)                           \
  X(TerminateInstance, TerminateInstance)                 \
  X(ApplyPowerAction, ApplyPowerAction)                   \
  X(AllocateAddresses, AllocateAddresses)                 \
  X(ReleaseAddresses, ReleaseAddresses)                   \
  X(AllocateAddressesReply, AllocateAddressesReply)       \
  X(AddressesReleased, AddressesReleased)                 \
  X(NetworksSnapshot, NetworksSnapshot)                   \
  X(OwnershipQuery, OwnershipQuery)                       \
  X(OwnershipAnswer, OwnershipAnswer)                     \
  X(Cidr, Cidr)                                           \
  X(Network, NetworkRecord)                               \
  X(Image, ImageRecord)                                   \
  X(KeyPair, KeyPairRecord)                               \
  X(Project, ProjectRecord)                               \
  X(User, UserRecord)                                     \
  X(RoleAssignment, RoleAssignmentRecord)                 \
  X(Quota, QuotaRecord)                                   \
  X(QuotaUsage, QuotaUsageRecord)                         \
  X(Host, HostRecord)                                     \
  X(HostView, HostView)                                   \
  X(ServiceView, ServiceView)                             \
  X(Lease, LeaseRecord)                                   \
  X(WatchEvent, WatchEventRecord)                         \
  X(RequestContext, RequestContext)                       \
  X(TokenKeys, TokenKeys)                                 \
  X(WatchEvents, WatchEvents)                             \
  X(HeldAddress, HeldAddress)                             \
  X(ServerBelief, ServerBelief)                           \
  X(Allocation, AllocationBelief)                         \
  X(HostBelief, HostBelief)                               \
  X(QuotaBelief, QuotaBelief)                             \
  X(LeaseBelief, LeaseBelief)                             \
  X(GuestBelief, GuestBelief)                             \
  X(ClaimBelief, ClaimBelief)                             \
  X(UsageBelief, UsageBelief)                             \
  X(ViewBelief, ViewBelief)                               \
  X(DebitBelief, DebitBelief)

#define KN_DECLARE_CODEC(Domain, Proto)   \
  void encode(const Domain&, v1::Proto*); \
  void decode(const v1::Proto&, Domain*, Decoder&);
KN_CODECS(KN_DECLARE_CODEC)

// A oneof that is not set, or is unknown, fails the decoder.
KN_DECLARE_CODEC(ApiCall, ApiCall)
KN_DECLARE_CODEC(ApiReply, ApiReply)

// Every alternative of ApiRequest in order: its struct, its field in ApiCall, its message.
#define KN_API_REQUESTS(X)                                      \
  X(CreateServers, create_servers, CreateServersRequest)        \
  X(GetServer, get_server, GetServerRequest)                    \
  X(ListServers, list_servers, ListServersRequest)              \
  X(DeleteServer, delete_server, DeleteServerRequest)           \
  X(ServerAction, server_action, ServerActionRequest)           \
  X(GetLaunchRecord, get_launch_record, GetLaunchRecordRequest) \
  X(ReadEvents, read_events, ReadEventsRequest)                 \
  X(ListFlavors, list_flavors, ListFlavorsRequest)              \
  X(CreateFlavor, create_flavor, CreateFlavorRequest)           \
  X(DeleteFlavor, delete_flavor, DeleteFlavorRequest)           \
  X(ListImages, list_images, ListImagesRequest)                 \
  X(CreateImage, create_image, CreateImageRequest)              \
  X(DeleteImage, delete_image, DeleteImageRequest)              \
  X(ListKeyPairs, list_key_pairs, ListKeyPairsRequest)          \
  X(CreateKeyPair, create_key_pair, CreateKeyPairCall)          \
  X(DeleteKeyPair, delete_key_pair, DeleteKeyPairRequest)       \
  X(ListNetworks, list_networks, ListNetworksRequest)           \
  X(CreateNetwork, create_network, CreateNetworkRequest)        \
  X(DeleteNetwork, delete_network, DeleteNetworkRequest)        \
  X(ListLeases, list_leases, ListLeasesRequest)                 \
  X(FindUser, find_user, FindUserCall)                          \
  X(ListProjects, list_projects, ListProjectsRequest)           \
  X(CreateProject, create_project, CreateProjectRequest)        \
  X(DeleteProject, delete_project, DeleteProjectRequest)        \
  X(ListUsers, list_users, ListUsersRequest)                    \
  X(CreateUser, create_user, CreateUserCall)                    \
  X(DeleteUser, delete_user, DeleteUserRequest)                 \
  X(GrantRole, grant_role, GrantRoleRequest)                    \
  X(GetQuota, get_quota, GetQuotaRequest)                       \
  X(SetQuota, set_quota, SetQuotaCall)                          \
  X(ListHosts, list_hosts, ListHostsRequest)                    \
  X(SetHostEnabled, set_host_enabled, SetHostEnabledRequest)    \
  X(ListServices, list_services, ListServicesRequest)           \
  X(AddFault, add_fault, AddFaultRequest)                       \
  X(ListFaults, list_faults, ListFaultsRequest)                 \
  X(ClearFaults, clear_faults, ClearFaultsRequest)              \
  X(GetCloudStatus, get_cloud_status, GetCloudStatusRequest)    \
  X(ReadBeliefs, read_beliefs, ReadBeliefsRequest)

// Every alternative of ApiResponse in order: its struct, its field in ApiReply, its message, its case.
#define KN_API_RESPONSES(X)                                               \
  X(Empty, done, Done, kDone)                                             \
  X(CreateServersReply, created_servers, CreatedServers, kCreatedServers) \
  X(ServerList, server_list, ServerList, kServerList)                     \
  X(LaunchRecord, launch_record, LaunchRecord, kLaunchRecord)             \
  X(EventList, event_list, EventList, kEventList)                         \
  X(FlavorList, flavor_list, FlavorList, kFlavorList)                     \
  X(ImageList, image_list, ImageList, kImageList)                         \
  X(KeyPairList, key_pair_list, KeyPairList, kKeyPairList)                \
  X(NetworkList, network_list, NetworkList, kNetworkList)                 \
  X(LeaseList, lease_list, LeaseList, kLeaseList)                         \
  X(FoundUser, found_user, FoundUser, kFoundUser)                         \
  X(ProjectList, project_list, ProjectList, kProjectList)                 \
  X(UserList, user_list, UserList, kUserList)                             \
  X(QuotaReply, quota, QuotaAnswer, kQuota)                               \
  X(HostList, host_list, HostList, kHostList)                             \
  X(ServiceList, service_list, ServiceList, kServiceList)                 \
  X(FaultList, fault_list, FaultList, kFaultList)                         \
  X(CloudStatus, cloud_status, CloudStatus, kCloudStatus)                 \
  X(BeliefPage, belief_page, BeliefPage, kBeliefPage)

#define KN_DECLARE_REQUEST(Name, field, Proto) KN_DECLARE_CODEC(Name, Proto)
KN_API_REQUESTS(KN_DECLARE_REQUEST)
#define KN_DECLARE_RESPONSE(Name, field, Proto, Case) KN_DECLARE_CODEC(Name, Proto)
KN_API_RESPONSES(KN_DECLARE_RESPONSE)

#undef KN_DECLARE_REQUEST
#undef KN_DECLARE_RESPONSE
#undef KN_DECLARE_CODEC

}  // namespace kilonova::rpc
