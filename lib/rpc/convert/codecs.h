// encode() and decode() of the messages between daemons and of what they carry, defined by area in codec_*.cc from one list of
// fields each (fields.h). Used through convert.h. What clients ask has its codecs in nouns/.
#pragma once

#include "domain/messages.h"
#include "domain/operation.h"
#include "domain/resources.h"
#include "domain/watch_event.h"
#include "kilonova/v1/envelope.pb.h"
#include "rpc/convert/declare.h"

namespace kilonova::rpc {

// Every struct with a message of its own: the struct, its message.
#define KN_CODECS(X)                                      \
  X(Error, Error)                                         \
  X(PeerId, PeerId)                                       \
  X(Resources, Resources)                                 \
  X(MetadataItem, MetadataItem)                           \
  X(Flavor, Flavor)                                       \
  X(StepRecord, StepRecord)                               \
  X(FilterCount, FilterCount)                             \
  X(WeigherScore, WeigherScore)                           \
  X(WeighedHost, WeighedHost)                             \
  X(AllocationRatios, AllocationRatios)                   \
  X(Decision, Decision)                                   \
  X(PlacementId, PlacementId)                             \
  X(TraceContext, TraceContext)                           \
  X(ImageRef, ImageRef)                                   \
  X(SchedulerHints, SchedulerHints)                       \
  X(RequestSpec, RequestSpec)                             \
  X(InjectedFault, InjectedFault)                         \
  X(Address, Address)                                     \
  X(Placement, Placement)                                 \
  X(Move, Move)                                           \
  X(InstanceFault, InstanceFault)                         \
  X(Instance, Instance)                                   \
  X(PlacementRequest, PlacementRequest)                   \
  X(PlacedServer, PlacedServer)                           \
  X(SchedulingGroup, SchedulingGroup)                     \
  X(SelectDestinations, SelectDestinations)               \
  X(HostStatus::InAggregate, HostStatus::InAggregate)     \
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
  X(ServerActionDone, ServerActionDone)                   \
  X(RegisterHostsAnswer::Refused, RefusedHost)            \
  X(RegisterHostsAnswer, RegisterHostsAnswer)             \
  X(ReportAnswer, ReportAnswer)                           \
  X(TerminateInstance, TerminateInstance)                 \
  X(ApplyServerAction, ApplyServerAction)                 \
  X(AllocateAddresses, AllocateAddresses)                 \
  X(ReleaseAddresses, ReleaseAddresses)                   \
  X(AllocateAddressesReply, AllocateAddressesReply)       \
  X(AddressesReleased, AddressesReleased)                 \
  X(NetworksSnapshot, NetworksSnapshot)                   \
  X(OwnershipQuery, OwnershipQuery)                       \
  X(OwnershipAnswer, OwnershipAnswer)                     \
  X(Cidr, Cidr)                                           \
  X(Network, NetworkRecord)                               \
  X(WatchEvent, WatchEventRecord)                         \
  X(CloudEvent, CloudEvent)                               \
  X(RequestContext, RequestContext)                       \
  X(TokenKeys, TokenKeys)                                 \
  X(WatchEvents, WatchEvents)                             \
  X(AddressKey, AddressKey)                               \
  X(FaultReached, FaultReached)                           \
  X(FaultVerdict, FaultVerdict)                           \
  X(HttpFaults, HttpFaults)                               \
  X(EndProcess, EndProcess)                               \
  X(CacheImages, CacheImages)                             \
  X(HostsDeleted, HostsDeleted)

KN_CODECS(KN_DECLARE_CODEC)

// A oneof that is not set, or is unknown, fails the decoder.
KN_DECLARE_CODEC(ApiCall, ApiCall)
KN_DECLARE_CODEC(ApiReply, ApiReply)

}  // namespace kilonova::rpc
