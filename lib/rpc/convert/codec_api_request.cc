#include "rpc/convert/fields.h"

namespace kilonova::rpc {

KN_CODEC(RequestContext, v1::RequestContext, KN_FIELD(user_id) KN_FIELD(project_id) KN_FIELD(role) KN_FIELD(trace))

KN_CODEC(CreateServers, v1::CreateServersRequest,
         KN_FIELD(name) KN_FIELD(flavor) KN_FIELD(image) KN_FIELD(networks) KN_FIELD(key_name)
             KN_FIELD(availability_zone) KN_FIELD(min_count) KN_FIELD(max_count) KN_FIELD(client_token))
KN_CODEC(GetServer, v1::GetServerRequest, KN_FIELD(server) KN_FIELD(all_projects))
KN_CODEC(ListServers, v1::ListServersRequest,
         KN_FIELD(all_projects) KN_FIELD(name) KN_FIELD(status) KN_FIELD(host) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(DeleteServer, v1::DeleteServerRequest, KN_FIELD(server) KN_FIELD(all_projects))
KN_CODEC(ServerAction, v1::ServerActionRequest, KN_FIELD(server) KN_FIELD(action))
KN_CODEC(GetLaunchRecord, v1::GetLaunchRecordRequest, KN_FIELD(server) KN_FIELD(all_projects))
KN_CODEC(ReadEvents, v1::ReadEventsRequest, KN_FIELD(since) KN_FIELD(limit) KN_FIELD(all_projects))

KN_CODEC(ListFlavors, v1::ListFlavorsRequest, KN_FIELD(flavor))
KN_CODEC(CreateFlavor, v1::CreateFlavorRequest, KN_FIELD(flavor))
KN_CODEC(DeleteFlavor, v1::DeleteFlavorRequest, KN_FIELD(flavor))
KN_CODEC(ListImages, v1::ListImagesRequest, KN_FIELD(image))
KN_CODEC(CreateImage, v1::CreateImageRequest,
         KN_FIELD(name) KN_FIELD(size_bytes) KN_FIELD(min_disk_gb) KN_FIELD(min_ram_mb) KN_FIELD(disk_format)
             KN_FIELD(is_public))
KN_CODEC(DeleteImage, v1::DeleteImageRequest, KN_FIELD(image))
KN_CODEC(ListKeyPairs, v1::ListKeyPairsRequest, KN_FIELD(name))
KN_CODEC(CreateKeyPair, v1::CreateKeyPairCall, KN_FIELD(key_pair))
KN_CODEC(DeleteKeyPair, v1::DeleteKeyPairRequest, KN_FIELD(name))

KN_CODEC(ListNetworks, v1::ListNetworksRequest, KN_FIELD(network))
KN_CODEC(CreateNetwork, v1::CreateNetworkRequest,
         KN_FIELD(name) KN_FIELD(cidr) KN_FIELD(gateway) KN_FIELD(shared) KN_FIELD(external))
KN_CODEC(DeleteNetwork, v1::DeleteNetworkRequest, KN_FIELD(network))
KN_CODEC(ListLeases, v1::ListLeasesRequest, KN_FIELD(network) KN_FIELD(limit))

KN_CODEC(FindUser, v1::FindUserCall, KN_FIELD(user) KN_FIELD(project))
KN_CODEC(ListProjects, v1::ListProjectsRequest, KN_FIELD(project))
KN_CODEC(CreateProject, v1::CreateProjectRequest, KN_FIELD(name) KN_FIELD(description))
KN_CODEC(DeleteProject, v1::DeleteProjectRequest, KN_FIELD(project))
KN_CODEC(ListUsers, v1::ListUsersRequest, KN_FIELD(user))
KN_CODEC(CreateUser, v1::CreateUserCall, KN_FIELD(name) KN_FIELD(password_hash))
KN_CODEC(DeleteUser, v1::DeleteUserRequest, KN_FIELD(user))
KN_CODEC(GrantRole, v1::GrantRoleRequest, KN_FIELD(user) KN_FIELD(project) KN_FIELD(role))
KN_CODEC(GetQuota, v1::GetQuotaRequest, KN_FIELD(project))
KN_CODEC(SetQuota, v1::SetQuotaCall, KN_FIELD(project) KN_FIELD(quota) KN_FIELD(force))

KN_CODEC(ListHosts, v1::ListHostsRequest, KN_FIELD(host))
KN_CODEC(SetHostEnabled, v1::SetHostEnabledRequest, KN_FIELD(host) KN_FIELD(enabled) KN_FIELD(reason))
KN_CODEC(ListServices, v1::ListServicesRequest, )
KN_CODEC(AddFault, v1::AddFaultRequest, KN_FIELD(rule))
KN_CODEC(ListFaults, v1::ListFaultsRequest, )
KN_CODEC(ClearFaults, v1::ClearFaultsRequest, KN_FIELD(id))
KN_CODEC(GetCloudStatus, v1::GetCloudStatusRequest, )
KN_CODEC(ReadBeliefs, v1::ReadBeliefsRequest, KN_FIELD(daemon) KN_FIELD(kind) KN_FIELD(after) KN_FIELD(limit))

void encode(const ApiCall& call, v1::ApiCall* proto) {
  encode(call.context, proto->mutable_context());
  if (call.accepted != StepRecord{}) encode(call.accepted, proto->mutable_accepted());
  struct {
    v1::ApiCall* proto;
#define KN_ENCODE_REQUEST(Name, field, Proto) \
  void operator()(const Name& request) const { encode(request, proto->mutable_##field()); }
    KN_API_REQUESTS(KN_ENCODE_REQUEST)
#undef KN_ENCODE_REQUEST
  } into{proto};
  std::visit(into, call.request);
}

namespace {

void decode_request(const v1::ApiCall& proto, ApiRequest* request, Decoder& decoder) {
  switch (proto.request_case()) {
#define KN_DECODE_REQUEST(Name, field, Proto)                  \
  case v1::ApiCall::k##Name:                                   \
    decode(proto.field(), &request->emplace<Name>(), decoder); \
    if (decoder.failed()) decoder.inside(#field);              \
    return;
    KN_API_REQUESTS(KN_DECODE_REQUEST)
#undef KN_DECODE_REQUEST
    case v1::ApiCall::REQUEST_NOT_SET: break;
  }
  decoder.fail("no request is set, or one that this version does not know");
}

}  // namespace

void decode(const v1::ApiCall& proto, ApiCall* call, Decoder& decoder) {
  decode(proto.context(), &call->context, decoder);
  if (decoder.failed()) return decoder.inside("context");
  decode(proto.accepted(), &call->accepted, decoder);
  if (decoder.failed()) return decoder.inside("accepted");
  decode_request(proto, &call->request, decoder);
}

}  // namespace kilonova::rpc
