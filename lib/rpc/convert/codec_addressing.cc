// A list's codec must be known where the fields' templates are read.
// clang-format off
#include "rpc/convert/nouns/networks.h"
#include "rpc/convert/fields.h"
// clang-format on

namespace kilonova::rpc {

KN_CODEC(AllocateAddresses, v1::AllocateAddresses,
         KN_FIELD(placement) KN_FIELD(attempt) KN_FIELD(project_id) KN_FIELD(host) KN_FIELD(hostname) KN_FIELD(networks)
             KN_FIELD(trace) KN_FIELD(shares_with) KN_FIELD(ticket))
KN_CODEC(ReleaseAddresses, v1::ReleaseAddresses,
         KN_FIELD(placement) KN_FIELD(trace) KN_FIELD(kept_by) KN_FIELD(ticket) KN_FIELD(server_is_gone))
KN_CODEC(AllocateAddressesReply, v1::AllocateAddressesReply,
         KN_FIELD(placement) KN_FIELD(addresses) KN_FIELD(steps) KN_FIELD(fault))
KN_CODEC(AddressesReleased, v1::AddressesReleased, KN_FIELD(placement))
KN_CODEC(NetworksSnapshot, v1::NetworksSnapshot, KN_FIELD(networks))
KN_CODEC(OwnershipQuery, v1::OwnershipQuery,
         KN_FIELD(held) KN_FIELD(is_range) KN_FIELD(after) KN_FIELD(through) KN_FIELD(digests))
KN_CODEC(OwnershipAnswer, v1::OwnershipAnswer, KN_FIELD(orphans) KN_FIELD(leases))

void encode(const AddressKey& message, v1::AddressKey* proto) {
  proto->mutable_key()->set_low(message.key.low);
  proto->mutable_key()->set_high(message.key.high);
}
void decode(const v1::AddressKey& proto, AddressKey* message, Decoder&) { 
  message->key = {proto.key().low(), proto.key().high()};
}

}  // namespace kilonova::rpc
