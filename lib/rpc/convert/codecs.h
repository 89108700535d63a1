// encode() and decode() of every struct that crosses daemons, defined by area in codec_*.cc from one list of fields each
// (fields.h). Used through convert.h and public_api.h.
#pragma once

#include "domain/api.h"
#include "domain/messages.h"
#include "kilonova/v1/envelope.pb.h"
#include "rpc/convert/decoder.h"

namespace kilonova::rpc {

#define KN_DECLARE_CODEC(Domain, Proto)   \
  void encode(const Domain&, v1::Proto*); \
  void decode(const v1::Proto&, Domain*, Decoder&)

// Shared with the public interface.
KN_DECLARE_CODEC(Error, Error);
KN_DECLARE_CODEC(PeerId, PeerId);
KN_DECLARE_CODEC(Resources, Resources);
KN_DECLARE_CODEC(Flavor, Flavor);
KN_DECLARE_CODEC(FaultRule, FaultRule);
KN_DECLARE_CODEC(StepRecord, StepRecord);
KN_DECLARE_CODEC(FilterCount, FilterCount);
KN_DECLARE_CODEC(WeigherScore, WeigherScore);
KN_DECLARE_CODEC(WeighedHost, WeighedHost);
KN_DECLARE_CODEC(Decision, Decision);

KN_DECLARE_CODEC(PlacementId, PlacementId);
KN_DECLARE_CODEC(TraceContext, TraceContext);
KN_DECLARE_CODEC(ImageRef, ImageRef);
KN_DECLARE_CODEC(RequestSpec, RequestSpec);
KN_DECLARE_CODEC(InjectedFault, InjectedFault);
KN_DECLARE_CODEC(Address, Address);
KN_DECLARE_CODEC(InstanceFault, InstanceFault);
KN_DECLARE_CODEC(Instance, Instance);

KN_DECLARE_CODEC(PlacementRequest, PlacementRequest);
KN_DECLARE_CODEC(SelectDestinations, SelectDestinations);
KN_DECLARE_CODEC(HostStatus, HostStatus);
KN_DECLARE_CODEC(HostStatuses, HostStatuses);
KN_DECLARE_CODEC(NoValidHost, NoValidHost);
KN_DECLARE_CODEC(SelectDestinationsRefused, SelectDestinationsRefused);
KN_DECLARE_CODEC(SchedulerHeartbeat, SchedulerHeartbeat);
KN_DECLARE_CODEC(BuildAndRunInstance, BuildAndRunInstance);
KN_DECLARE_CODEC(HostUsage, HostUsage);
KN_DECLARE_CODEC(UsageUpdate, UsageUpdate);

KN_DECLARE_CODEC(HostInfo, HostInfo);
KN_DECLARE_CODEC(GuestInfo, GuestInfo);
KN_DECLARE_CODEC(RegisterHosts, RegisterHosts);
KN_DECLARE_CODEC(ComputeHeartbeat::Unfinished, UnfinishedBuild);
KN_DECLARE_CODEC(ComputeHeartbeat, ComputeHeartbeat);
KN_DECLARE_CODEC(InstanceReport, InstanceReport);
KN_DECLARE_CODEC(InstanceTerminated, InstanceTerminated);
KN_DECLARE_CODEC(PowerActionDone, PowerActionDone);
KN_DECLARE_CODEC(RegisterHostsAnswer::Refused, RefusedHost);
KN_DECLARE_CODEC(RegisterHostsAnswer, RegisterHostsAnswer);
KN_DECLARE_CODEC(ReportAnswer, ReportAnswer);
KN_DECLARE_CODEC(TerminateInstance, TerminateInstance);
KN_DECLARE_CODEC(ApplyPowerAction, ApplyPowerAction);

KN_DECLARE_CODEC(AllocateAddresses, AllocateAddresses);
KN_DECLARE_CODEC(ReleaseAddresses, ReleaseAddresses);
KN_DECLARE_CODEC(AllocateAddressesReply, AllocateAddressesReply);
KN_DECLARE_CODEC(AddressesReleased, AddressesReleased);
KN_DECLARE_CODEC(NetworksSnapshot, NetworksSnapshot);
KN_DECLARE_CODEC(OwnershipQuery, OwnershipQuery);
KN_DECLARE_CODEC(OwnershipAnswer, OwnershipAnswer);

KN_DECLARE_CODEC(Cidr, Cidr);
KN_DECLARE_CODEC(Network, NetworkRecord);
KN_DECLARE_CODEC(Image, ImageRecord);
KN_DECLARE_CODEC(KeyPair, KeyPairRecord);
KN_DECLARE_CODEC(Project, ProjectRecord);
KN_DECLARE_CODEC(User, UserRecord);
KN_DECLARE_CODEC(RoleAssignment, RoleAssignmentRecord);
KN_DECLARE_CODEC(Quota, QuotaRecord);
KN_DECLARE_CODEC(QuotaUsage, QuotaUsageRecord);
KN_DECLARE_CODEC(Host, HostRecord);
KN_DECLARE_CODEC(HostView, HostView);
KN_DECLARE_CODEC(ServiceView, ServiceView);
KN_DECLARE_CODEC(Lease, LeaseRecord);
KN_DECLARE_CODEC(WatchEvent, WatchEventRecord);

KN_DECLARE_CODEC(RequestContext, RequestContext);
KN_DECLARE_CODEC(TokenKeys, TokenKeys);
KN_DECLARE_CODEC(WatchEvents, WatchEvents);

// A oneof that is not set, or is unknown, fails the decoder.
KN_DECLARE_CODEC(ApiCall, ApiCall);
KN_DECLARE_CODEC(ApiReply, ApiReply);

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
  X(GetCloudStatus, get_cloud_status, GetCloudStatusRequest)

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
  X(CloudStatus, cloud_status, CloudStatus, kCloudStatus)

#define KN_DECLARE_REQUEST(Name, field, Proto) KN_DECLARE_CODEC(Name, Proto);
KN_API_REQUESTS(KN_DECLARE_REQUEST)
#define KN_DECLARE_RESPONSE(Name, field, Proto, Case) KN_DECLARE_CODEC(Name, Proto);
KN_API_RESPONSES(KN_DECLARE_RESPONSE)

#undef KN_DECLARE_REQUEST
#undef KN_DECLARE_RESPONSE
#undef KN_DECLARE_CODEC

}  // namespace kilonova::rpc
