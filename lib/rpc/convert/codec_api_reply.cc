#include "rpc/convert/fields.h"

namespace kilonova::rpc {

KN_CODEC(Empty, v1::Done, )
KN_CODEC(CreateServersReply, v1::CreatedServers, KN_FIELD(servers) KN_FIELD(reservation_id) KN_FIELD(revision))
KN_CODEC(ServerList, v1::ServerList, KN_FIELD(servers) KN_FIELD(more))
KN_CODEC(LaunchRecord, v1::LaunchRecord, KN_FIELD(server) KN_FIELD(steps) KN_FIELD(decisions))
KN_CODEC(EventList, v1::EventList, KN_FIELD(events) KN_FIELD(revision))
KN_CODEC(FlavorList, v1::FlavorList, KN_FIELD(flavors))
KN_CODEC(ImageList, v1::ImageList, KN_FIELD(images))
KN_CODEC(KeyPairList, v1::KeyPairList, KN_FIELD(key_pairs))
KN_CODEC(NetworkList, v1::NetworkList, KN_FIELD(networks) KN_FIELD(used))
KN_CODEC(LeaseList, v1::LeaseList, KN_FIELD(leases))
KN_CODEC(FoundUser, v1::FoundUser, KN_FIELD(user) KN_FIELD(project) KN_FIELD(role))
KN_CODEC(ProjectList, v1::ProjectList, KN_FIELD(projects))
KN_CODEC(UserList, v1::UserList, KN_FIELD(users) KN_FIELD(roles))
KN_CODEC(QuotaReply, v1::QuotaAnswer, KN_FIELD(quota) KN_FIELD(usage))
KN_CODEC(HostList, v1::HostList, KN_FIELD(hosts))
KN_CODEC(ServiceList, v1::ServiceList, KN_FIELD(services))
KN_CODEC(FaultList, v1::FaultList, KN_FIELD(rules))

void encode(const ApiReply& reply, v1::ApiReply* proto) {
  if (!reply.result) return encode(reply.result.error(), proto->mutable_error());
  struct {
    v1::ApiReply* proto;
#define KN_ENCODE_RESPONSE(Name, field, Proto, Case) \
  void operator()(const Name& response) const { encode(response, proto->mutable_##field()); }
    KN_API_RESPONSES(KN_ENCODE_RESPONSE)
#undef KN_ENCODE_RESPONSE
  } into{proto};
  std::visit(into, *reply.result);
}

void decode(const v1::ApiReply& proto, ApiReply* reply, Decoder& decoder) {
  switch (proto.result_case()) {
    case v1::ApiReply::kError: {
      Error error{ErrorCode::kInternal, ""};
      decode(proto.error(), &error, decoder);
      if (decoder.failed()) return decoder.inside("error");
      reply->result = std::unexpected(std::move(error));
      return;
    }
#define KN_DECODE_RESPONSE(Name, field, Proto, Case)                 \
  case v1::ApiReply::Case:                                           \
    reply->result = ApiResponse{std::in_place_type<Name>};           \
    decode(proto.field(), &std::get<Name>(*reply->result), decoder); \
    if (decoder.failed()) decoder.inside(#field);                    \
    return;
      KN_API_RESPONSES(KN_DECODE_RESPONSE)
#undef KN_DECODE_RESPONSE
    case v1::ApiReply::RESULT_NOT_SET: break;
  }
  decoder.fail("no result is set, or one that this version does not know");
}

// The key is bytes, not text.
void encode(const TokenKeys& keys, v1::TokenKeys* proto) { proto->set_signing_key(keys.signing_key); }
void decode(const v1::TokenKeys& proto, TokenKeys* keys, Decoder&) { keys->signing_key = proto.signing_key(); }

KN_CODEC(WatchEvents, v1::WatchEvents, KN_FIELD(events) KN_FIELD(after))

}  // namespace kilonova::rpc
