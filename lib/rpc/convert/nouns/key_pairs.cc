#include "rpc/convert/nouns/key_pairs.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(KeyPair, v1::KeyPairRecord,
         KN_FIELD(name) KN_FIELD(user_id) KN_FIELD(type) KN_FIELD(public_key) KN_FIELD(fingerprint) KN_TIME(created_at)
             KN_FIELD(ec2_fingerprint) KN_FIELD(tags))

KN_CODEC(ListKeyPairs, v1::ListKeyPairsRequest, KN_FIELD(name) KN_FIELD(limit) KN_FIELD(marker) KN_FIELD(user))
KN_CODEC(StoreKeyPair, v1::StoreKeyPairCall, KN_FIELD(key_pair) KN_FIELD(user))
KN_CODEC(TagKeyPair, v1::TagKeyPairRequest, KN_FIELD(name) KN_FIELD(unset_tags) KN_FIELD(set_tags))
KN_CODEC(DeleteKeyPair, v1::DeleteKeyPairRequest, KN_FIELD(name) KN_FIELD(user))
KN_CODEC(CreateKeyPair, v1::CreateKeyPairRequest,
         KN_FIELD(name) KN_FIELD(type) KN_FIELD(public_key) KN_FIELD(user) KN_FIELD(tags))

KN_CODEC(KeyPairList, v1::KeyPairList, KN_FIELD(key_pairs) KN_FIELD(more) KN_FIELD(limit))

void to_view(const KeyPair& key_pair, v1::KeyPair* view) {
  put_text(key_pair.name, view->mutable_name());
  view->set_user_id(to_hex(key_pair.user_id));
  put_text(key_pair.type, view->mutable_type());
  put_text(key_pair.public_key, view->mutable_public_key());
  put_text(key_pair.fingerprint, view->mutable_fingerprint());
  view->set_created_at_us(key_pair.created_at.us);
  for (const MetadataItem& tag : key_pair.tags) encode(tag, view->add_tags());
}

bool to_public(const ListKeyPairs::Reply& reply, Audience, v1::ListKeyPairsReply* proto) {
  add_all(reply.key_pairs, proto->mutable_key_pairs(), kToView);
  proto->set_more(reply.more);
  return true;
}
bool to_public(const CreateKeyPair::Reply& reply, Audience, v1::CreateKeyPairReply* proto) {
  return add_first(reply.key_pairs, proto->mutable_key_pair(), kToView);
}
bool to_public(const TagKeyPair::Reply& reply, Audience, v1::TagKeyPairReply* proto) {
  return add_first(reply.key_pairs, proto->mutable_key_pair(), kToView);
}
KN_EMPTY_REPLY(DeleteKeyPair)

}  // namespace kilonova::rpc
