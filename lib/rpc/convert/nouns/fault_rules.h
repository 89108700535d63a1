// Fault rules on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/fault_rule.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(FaultRule, FaultRule)

KN_DECLARE_CODEC(FaultRule, FaultRule)
KN_RECORD_MESSAGE(FaultHit, FaultHit)
KN_DECLARE_CODEC(FaultHit, FaultHit)

#define KN_FAULT_CALLS(X)                       \
  X(AddFault, add_fault, AddFaultRequest)       \
  X(ListFaults, list_faults, ListFaultsRequest) \
  X(ClearFaults, clear_faults, ClearFaultsRequest)
#define KN_FAULT_REPLIES(X) X(FaultList, fault_list, FaultList, kFaultList)
#define KN_FAULT_METHODS(X) X(AddFault) X(ListFaults) X(ClearFaults)

KN_FAULT_CALLS(KN_DECLARE_CALL)
KN_FAULT_REPLIES(KN_DECLARE_REPLY)
KN_FAULT_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
