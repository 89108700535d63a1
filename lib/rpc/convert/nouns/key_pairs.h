// Key pairs on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/key_pair.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(KeyPair, KeyPairRecord)

KN_DECLARE_CODEC(KeyPair, KeyPairRecord)

void to_view(const KeyPair& key_pair, v1::KeyPair* view);

KN_DECLARE_CODEC(CreateKeyPair, CreateKeyPairRequest)

#define KN_KEY_PAIR_CALLS(X) \
  X(ListKeyPairs, list_key_pairs, ListKeyPairsRequest) \
  X(StoreKeyPair, store_key_pair, StoreKeyPairCall) \
  X(TagKeyPair, tag_key_pair, TagKeyPairRequest) \
  X(DeleteKeyPair, delete_key_pair, DeleteKeyPairRequest)
#define KN_KEY_PAIR_REPLIES(X) \
  X(KeyPairList, key_pair_list, KeyPairList, kKeyPairList)
#define KN_KEY_PAIR_METHODS(X) X(ListKeyPairs) X(CreateKeyPair) X(TagKeyPair) X(DeleteKeyPair)

KN_KEY_PAIR_CALLS(KN_DECLARE_CALL)
KN_KEY_PAIR_REPLIES(KN_DECLARE_REPLY)
KN_KEY_PAIR_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
