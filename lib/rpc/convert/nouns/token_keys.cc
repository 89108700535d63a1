#include "rpc/convert/nouns/token_keys.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(RotateTokenKey, v1::RotateTokenKeyRequest, KN_FIELD(revoke_older))
KN_CODEC(TokenKeyCount, v1::TokenKeyCount, KN_FIELD(keys))

// Bytes, and no text.
void encode(const StoreTokenKey& request, v1::StoreTokenKeyCall* proto) {
  proto->set_signing_key(request.signing_key);
  proto->set_revoke_older(request.revoke_older);
}
void decode(const v1::StoreTokenKeyCall& proto, StoreTokenKey* request, Decoder&) {
  request->signing_key = proto.signing_key();
  request->revoke_older = proto.revoke_older();
}

bool to_public(const RotateTokenKey::Reply& reply, Audience, v1::RotateTokenKeyReply* proto) {
  proto->set_keys(reply.keys);
  return true;
}

}  // namespace kilonova::rpc
