// What each daemon believes on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/beliefs.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"
#include "rpc/convert/nouns/quotas.h"

namespace kilonova::rpc {

KN_DECLARE_CODEC(HeldAddress, HeldAddress)
KN_DECLARE_CODEC(PlacementBelief, PlacementBelief)
KN_DECLARE_CODEC(ServerBelief, ServerBelief)
KN_DECLARE_CODEC(Allocation, AllocationBelief)
KN_DECLARE_CODEC(HostBelief, HostBelief)
KN_DECLARE_CODEC(QuotaBelief, QuotaBelief)
KN_DECLARE_CODEC(LeaseBelief, LeaseBelief)
KN_DECLARE_CODEC(GuestBelief, GuestBelief)
KN_DECLARE_CODEC(ClaimBelief, ClaimBelief)
KN_DECLARE_CODEC(UsageBelief, UsageBelief)
KN_DECLARE_CODEC(ViewBelief, ViewBelief)
KN_DECLARE_CODEC(DebitBelief, DebitBelief)

#define KN_BELIEF_CALLS(X) \
  X(ReadBeliefs, read_beliefs, ReadBeliefsRequest)
#define KN_BELIEF_REPLIES(X) \
  X(BeliefPage, belief_page, BeliefPage, kBeliefPage)
#define KN_BELIEF_METHODS(X) X(ReadBeliefs)

KN_BELIEF_CALLS(KN_DECLARE_CALL)
KN_BELIEF_REPLIES(KN_DECLARE_REPLY)
KN_BELIEF_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
