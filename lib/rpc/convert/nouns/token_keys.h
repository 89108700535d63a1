// The keys of tokens on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/token_key.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_DECLARE_CODEC(RotateTokenKey, RotateTokenKeyRequest)

#define KN_TOKEN_KEY_CALLS(X) X(StoreTokenKey, store_token_key, StoreTokenKeyCall)
#define KN_TOKEN_KEY_REPLIES(X) X(TokenKeyCount, token_key_count, TokenKeyCount, kTokenKeyCount)
#define KN_TOKEN_KEY_METHODS(X) X(RotateTokenKey)

KN_TOKEN_KEY_CALLS(KN_DECLARE_CALL)
KN_TOKEN_KEY_REPLIES(KN_DECLARE_REPLY)
KN_TOKEN_KEY_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
