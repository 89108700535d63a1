// What decisions made of the hosts on the wire: between daemons, and as clients see it.
#pragma once

#include "domain/nouns/host_verdict.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_DECLARE_CODEC(HostVerdict, HostVerdict)

#define KN_HOST_VERDICT_CALLS(X) X(ReadHostVerdicts, read_host_verdicts, ReadHostVerdictsRequest)
#define KN_HOST_VERDICT_REPLIES(X) X(HostVerdicts, host_verdicts, HostVerdicts, kHostVerdicts)
#define KN_HOST_VERDICT_METHODS(X) X(ReadHostVerdicts)

KN_HOST_VERDICT_CALLS(KN_DECLARE_CALL)
KN_HOST_VERDICT_REPLIES(KN_DECLARE_REPLY)
KN_HOST_VERDICT_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
