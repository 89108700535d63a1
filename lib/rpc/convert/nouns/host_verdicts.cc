#include "rpc/convert/nouns/host_verdicts.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(HostVerdict, v1::HostVerdict, KN_FIELD(host) KN_FIELD(left_out_by) KN_FIELD(weight) KN_FIELD(scores))
KN_CODEC(ReadHostVerdicts, v1::ReadHostVerdictsRequest,
         KN_FIELD(daemon) KN_FIELD(server) KN_FIELD(epoch) KN_FIELD(offset) KN_FIELD(limit))
KN_CODEC(HostVerdicts, v1::HostVerdicts, KN_FIELD(total) KN_FIELD(verdicts))

bool to_public(const ReadHostVerdicts::Reply& reply, Audience, v1::ReadHostVerdictsReply* proto) {
  encode(reply, proto->mutable_page());
  return true;
}

}  // namespace kilonova::rpc
