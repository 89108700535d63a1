// Hosts on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/host.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(Host, HostRecord)

KN_DECLARE_CODEC(Host, HostRecord)
KN_DECLARE_CODEC(HostView, HostView)

void to_view(const HostView& view_of, v1::Host* view);

#define KN_HOST_CALLS(X)                                               \
  X(ListHosts, list_hosts, ListHostsRequest)                           \
  X(SetHostEnabled, set_host_enabled, SetHostEnabledRequest)           \
  X(SetHostForcedDown, set_host_forced_down, SetHostForcedDownRequest) \
  X(SetHostPower, set_host_power, SetHostPowerRequest)                 \
  X(DeleteHost, delete_host, DeleteHostRequest)
#define KN_HOST_REPLIES(X) X(HostList, host_list, HostList, kHostList)
#define KN_HOST_METHODS(X) X(ListHosts) X(SetHostEnabled) X(SetHostForcedDown) X(SetHostPower) X(DeleteHost)

KN_HOST_CALLS(KN_DECLARE_CALL)
KN_HOST_REPLIES(KN_DECLARE_REPLY)
KN_HOST_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
