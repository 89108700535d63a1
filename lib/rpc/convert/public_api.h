// The public service's messages, to and from what the api-server's core understands. Any thread; no state.
//
// Login and Watch have no ApiRequest; what they stream or answer is made of the views in public_views.h.
#pragma once

#include "base/error.h"
#include "domain/api.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/public_views.h"

namespace kilonova::rpc {

// Every unary method of kilonova.v1.Cloud but Login. X(Name): request v1::NameRequest, reply v1::NameReply, kilonova::Name in
// ApiRequest.
#define KILONOVA_CLOUD_METHODS(X)                                                                                     \
  X(CreateServers)                                                                                                    \
  X(GetServer) X(ListServers) X(DeleteServer) X(ServerAction) X(GetLaunchRecord) X(ReadEvents) X(ListFlavors)         \
      X(CreateFlavor) X(DeleteFlavor) X(ListImages) X(CreateImage) X(DeleteImage) X(ListKeyPairs) X(CreateKeyPair)    \
          X(DeleteKeyPair) X(ListNetworks) X(CreateNetwork) X(DeleteNetwork) X(ListLeases) X(ListProjects)            \
              X(CreateProject) X(DeleteProject) X(ListUsers) X(CreateUser) X(DeleteUser) X(GrantRole) X(GetQuota)     \
                  X(SetQuota) X(ListHosts) X(SetHostEnabled) X(ListServices) X(AddFault) X(ListFaults) X(ClearFaults) \
                      X(GetCloudStatus) X(ReadBeliefs)

// from_public: form only; the core validates. kInvalidArgument names the field. Two requests are not yet complete, the core
// finishes them before they leave the api-server:
// - CreateKeyPair: key_pair has the name, the type as asked ("" = default) and the public key as given ("" = generate).
// - CreateUser: password_hash has the PLAIN password.
//
// to_public: fills an empty reply. Where the reply has one noun, the response's list must have it first. kInternal when the
// response is not the alternative that answers this request (domain/api.h), the reply is then unspecified.
// CreateKeyPairReply.private_key is left to the caller.
#define KN_DECLARE_METHOD(Name)                                       \
  Expected<ApiRequest> from_public(const v1::Name##Request& request); \
  Expected<> to_public(const ApiResponse& response, Audience audience, v1::Name##Reply* reply);
KILONOVA_CLOUD_METHODS(KN_DECLARE_METHOD)
#undef KN_DECLARE_METHOD

}  // namespace kilonova::rpc
