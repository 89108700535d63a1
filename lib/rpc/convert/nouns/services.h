// Services and the cloud's status on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/service.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_DECLARE_CODEC(ServiceView, ServiceView)

void to_view(const ServiceView& service, v1::Service* view);

#define KN_SERVICE_CALLS(X) \
  X(ListServices, list_services, ListServicesRequest) \
  X(GetCloudStatus, get_cloud_status, GetCloudStatusRequest)
#define KN_SERVICE_REPLIES(X) \
  X(ServiceList, service_list, ServiceList, kServiceList) \
  X(CloudStatus, cloud_status, CloudStatus, kCloudStatus)
#define KN_SERVICE_METHODS(X) X(ListServices) X(GetCloudStatus)

KN_SERVICE_CALLS(KN_DECLARE_CALL)
KN_SERVICE_REPLIES(KN_DECLARE_REPLY)
KN_SERVICE_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
