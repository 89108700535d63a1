// May this caller ask that? Pure. The role of each operation is required_role() (domain/api.h); this adds what single
// fields ask for, as Nova's and Glance's default policies have it:
//
//   field                                                          needs
//   GetServer, ListServers, DeleteServer, GetLaunchRecord,
//     ReadEvents: all_projects                                     admin
//   ListServers: host                                              admin
//   CreateServers: availability_zone "zone:host"                   admin
//   CreateImage: is_public                                         admin
//   CreateNetwork: shared, external                                admin
//   GetQuota: the id of a project that is not the caller's         admin (a name is the controller's to check)
//   FindUser                                                       nobody: the api-server asks it itself
#pragma once

#include "base/error.h"
#include "domain/api.h"

namespace kilonova::api {

// kPermissionDenied with the operation or field and the role it needs.
Expected<> authorise(const RequestContext& context, const ApiRequest& request);

}  // namespace kilonova::api
