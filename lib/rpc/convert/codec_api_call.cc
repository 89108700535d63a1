// What is asked and what is answered: a oneof each, over the operations of all nouns.
#include "rpc/convert/fields.h"
#include "rpc/convert/operations.h"

namespace kilonova::rpc {

KN_CODEC(RequestContext, v1::RequestContext, KN_FIELD(user_id) KN_FIELD(project_id) KN_FIELD(role) KN_FIELD(trace))

namespace {

struct EncodeRequest {
  v1::ApiCall* proto;
#define KN_ENCODE_REQUEST(Name, field, Proto) \
  void operator()(const Name& request) const { encode(request, proto->mutable_##field()); }
  KN_OPERATIONS(CALLS, KN_ENCODE_REQUEST)
#undef KN_ENCODE_REQUEST
  // The api-server turns these into others, so that no call carries them.
  template <class Request>
    requires(Request::kOperation.decided_by == DecidedBy::kApi)
  void operator()(const Request&) const {
    KN_CHECK(false, "an operation of the api-server alone was sent");
  }
};

struct EncodeResponse {
  v1::ApiReply* proto;
#define KN_ENCODE_RESPONSE(Name, field, Proto, Case) \
  void operator()(const Name& response) const { encode(response, proto->mutable_##field()); }
  KN_OPERATIONS(REPLIES, KN_ENCODE_RESPONSE)
#undef KN_ENCODE_RESPONSE
};

void decode_request(const v1::ApiCall& proto, ApiRequest* request, Decoder& decoder) {
  switch (proto.request_case()) {
#define KN_DECODE_REQUEST(Name, field, Proto)                  \
  case v1::ApiCall::k##Name:                                   \
    decode(proto.field(), &request->emplace<Name>(), decoder); \
    if (decoder.failed()) decoder.inside(#field);              \
    return;
    KN_OPERATIONS(CALLS, KN_DECODE_REQUEST)
#undef KN_DECODE_REQUEST
    case v1::ApiCall::REQUEST_NOT_SET: break;
  }
  decoder.fail("no request is set, or one that this version does not know");
}

}  // namespace

void encode(const ApiCall& call, v1::ApiCall* proto) {
  encode(call.context, proto->mutable_context());
  if (call.accepted != StepRecord{}) encode(call.accepted, proto->mutable_accepted());
  visit(EncodeRequest{proto}, call.request);
}

void decode(const v1::ApiCall& proto, ApiCall* call, Decoder& decoder) {
  decode(proto.context(), &call->context, decoder);
  if (decoder.failed()) return decoder.inside("context");
  decode(proto.accepted(), &call->accepted, decoder);
  if (decoder.failed()) return decoder.inside("accepted");
  decode_request(proto, &call->request, decoder);
}

void encode(const ApiReply& reply, v1::ApiReply* proto) {
  if (!reply.result) return encode(reply.result.error(), proto->mutable_error());
  visit(EncodeResponse{proto}, *reply.result);
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
#define KN_DECODE_RESPONSE(Name, field, Proto, Case)                  \
  case v1::ApiReply::Case:                                            \
    reply->result = ApiResponse();                                    \
    decode(proto.field(), &reply->result->emplace<Name>(), decoder);  \
    if (decoder.failed()) decoder.inside(#field);                     \
    return;
      KN_OPERATIONS(REPLIES, KN_DECODE_RESPONSE)
#undef KN_DECODE_RESPONSE
    case v1::ApiReply::RESULT_NOT_SET: break;
  }
  decoder.fail("no result is set, or one that this version does not know");
}

// The key is bytes, not text.
void encode(const TokenKeys& keys, v1::TokenKeys* proto) { proto->set_signing_key(keys.signing_key); }
void decode(const v1::TokenKeys& proto, TokenKeys* keys, Decoder&) { keys->signing_key = proto.signing_key(); }

KN_CODEC(WatchEvents, v1::WatchEvents, KN_FIELD(events) KN_FIELD(after) KN_FIELD(cloud_events) KN_FIELD(generation))

}  // namespace kilonova::rpc
