#include "rpc/convert/nouns/fault_rules.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(FaultRule, v1::FaultRule,
         KN_FIELD(id) KN_FIELD(step) KN_FIELD(host_pattern) KN_FIELD(server_pattern) KN_FIELD(count) KN_FIELD(struck)
             KN_TIME(delay) KN_FIELD(fails) KN_FIELD(aborts) KN_FIELD(message))

KN_CODEC(AddFault, v1::AddFaultRequest, KN_FIELD(rule))
KN_CODEC(ListFaults, v1::ListFaultsRequest, )
KN_CODEC(ClearFaults, v1::ClearFaultsRequest, KN_FIELD(id))

KN_CODEC(FaultList, v1::FaultList, KN_FIELD(rules))

bool to_public(const ListFaults::Reply& reply, Audience, v1::ListFaultsReply* proto) {
  add_all(reply.rules, proto->mutable_rules(), kEncode);
  return true;
}
bool to_public(const AddFault::Reply& reply, Audience, v1::AddFaultReply* proto) {
  return add_first(reply.rules, proto->mutable_rule(), kEncode);
}
KN_EMPTY_REPLY(ClearFaults)

}  // namespace kilonova::rpc
