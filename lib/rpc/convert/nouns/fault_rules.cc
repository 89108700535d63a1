#include "rpc/convert/nouns/fault_rules.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(FaultRule, v1::FaultRule,
         KN_FIELD(id) KN_FIELD(step) KN_FIELD(host_pattern) KN_FIELD(server_pattern) KN_FIELD(count) KN_FIELD(struck)
             KN_TIME(delay) KN_FIELD(fails) KN_FIELD(aborts) KN_FIELD(message) KN_FIELD(action) KN_FIELD(http)
                 KN_FIELD(daemon_pattern) KN_FIELD(project) KN_FIELD(effect) KN_FIELD(skip) KN_FIELD(per_million)
                     KN_FIELD(seed) KN_FIELD(reached) KN_FIELD(status) KN_FIELD(retry_after))
KN_CODEC(FaultHit, v1::FaultHit,
         KN_FIELD(rule_id) KN_FIELD(instance) KN_FIELD(epoch) KN_FIELD(operation) KN_FIELD(incarnation) KN_FIELD(number)
             KN_FIELD(strikes))
KN_CODEC(FaultReached, v1::FaultReached,
         KN_FIELD(rule_id) KN_FIELD(number) KN_FIELD(placement) KN_FIELD(operation) KN_FIELD(host))
KN_CODEC(FaultVerdict, v1::FaultVerdict, KN_FIELD(strikes))
KN_CODEC(HttpFaults, v1::HttpFaults, KN_FIELD(rules))
KN_CODEC(EndProcess, v1::EndProcess, )

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
