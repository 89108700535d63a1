#include "rpc/convert/codecs.h"
#include "rpc/convert/public_api.h"

namespace kilonova::rpc {
namespace {

template <class Request, class Proto>
Expected<ApiRequest> decode_request(const Proto& proto) {
  Request request;
  Decoder decoder;
  decode(proto, &request, decoder);
  if (decoder.failed()) return std::unexpected(decoder.error(Proto::descriptor()->name()));
  return request;
}

}  // namespace

// Those that travel on as they came.
#define KN_FROM_PUBLIC(Name) \
  Expected<ApiRequest> from_public(const v1::Name##Request& request) { return decode_request<Name>(request); }
KN_FROM_PUBLIC(CreateServers)
KN_FROM_PUBLIC(GetServer)
KN_FROM_PUBLIC(ListServers)
KN_FROM_PUBLIC(DeleteServer)
KN_FROM_PUBLIC(ServerAction)
KN_FROM_PUBLIC(GetLaunchRecord)
KN_FROM_PUBLIC(ReadEvents)
KN_FROM_PUBLIC(ListFlavors)
KN_FROM_PUBLIC(CreateFlavor)
KN_FROM_PUBLIC(DeleteFlavor)
KN_FROM_PUBLIC(ListImages)
KN_FROM_PUBLIC(CreateImage)
KN_FROM_PUBLIC(DeleteImage)
KN_FROM_PUBLIC(ListKeyPairs)
KN_FROM_PUBLIC(DeleteKeyPair)
KN_FROM_PUBLIC(ListNetworks)
KN_FROM_PUBLIC(CreateNetwork)
KN_FROM_PUBLIC(DeleteNetwork)
KN_FROM_PUBLIC(ListLeases)
KN_FROM_PUBLIC(ListProjects)
KN_FROM_PUBLIC(CreateProject)
KN_FROM_PUBLIC(DeleteProject)
KN_FROM_PUBLIC(ListUsers)
KN_FROM_PUBLIC(DeleteUser)
KN_FROM_PUBLIC(GrantRole)
KN_FROM_PUBLIC(GetQuota)
KN_FROM_PUBLIC(ListHosts)
KN_FROM_PUBLIC(SetHostEnabled)
KN_FROM_PUBLIC(ListServices)
KN_FROM_PUBLIC(AddFault)
KN_FROM_PUBLIC(ListFaults)
KN_FROM_PUBLIC(ClearFaults)
KN_FROM_PUBLIC(GetCloudStatus)
KN_FROM_PUBLIC(ReadBeliefs)
#undef KN_FROM_PUBLIC

Expected<ApiRequest> from_public(const v1::CreateKeyPairRequest& request) {
  CreateKeyPair create;
  create.key_pair.name = request.name();
  create.key_pair.type = request.type();
  create.key_pair.public_key = request.public_key();
  return create;
}

Expected<ApiRequest> from_public(const v1::CreateUserRequest& request) {
  return CreateUser{.name = request.name(), .password_hash = request.password()};
}

Expected<ApiRequest> from_public(const v1::SetQuotaRequest& request) {
  // A limit left out must not become 0, nor the default.
  if (!request.has_instances() || !request.has_cores() || !request.has_ram_mb())
    return fail(ErrorCode::kInvalidArgument,
                "SetQuotaRequest needs instances, cores and ram_mb, each a number or -1 for unlimited");
  SetQuota set;
  set.project = request.project();
  set.quota.instances = request.instances();
  set.quota.cores = request.cores();
  set.quota.ram_mb = request.ram_mb();
  set.force = request.force();
  return set;
}

}  // namespace kilonova::rpc
