// What a client can ask, whichever front it came through. The api-server checks form and role and forwards; the controller
// (or the network-controller, for networks) decides and answers. Every operation carries its caller's project.
//
// An operation is a struct in nouns/, with its facts (operation.h) and its reply; a noun is added to the list here.
#pragma once

#include <string_view>

#include "base/one_of.h"
#include "base/type_list.h"
#include "domain/beliefs.h"
#include "domain/messages.h"
#include "domain/nouns/aggregate.h"
#include "domain/nouns/api_record.h"
#include "domain/nouns/cloud_reset.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/flavor.h"
#include "domain/nouns/guest_view.h"
#include "domain/nouns/host.h"
#include "domain/nouns/host_verdict.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/network.h"
#include "domain/nouns/network_part.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_group.h"
#include "domain/nouns/server_interface.h"
#include "domain/nouns/server_move.h"
#include "domain/nouns/server_request.h"
#include "domain/nouns/service.h"
#include "domain/nouns/token_key.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"

namespace kilonova {

struct OperationSet {
  using Types = Concat<ServerOperations, ServerRequestOperations, ServerMoveOperations, ServerInterfaceOperations,
                       GuestViewOperations, FlavorOperations, ImageOperations, KeyPairOperations, NetworkOperations,
                       NetworkPartOperations, ProjectOperations, UserOperations, QuotaOperations, HostOperations,
                       ServiceOperations, FaultOperations, AggregateOperations, ServerGroupOperations,
                       ApiRecordOperations, CloudResetOperations, BeliefOperations, TokenKeyOperations,
                       HostVerdictOperations>;
};

template <class Operations>
struct RepliesOf;
template <class... Operations>
struct RepliesOf<TypeList<Operations...>> {
  using Types = DistinctOf<typename Operations::Reply...>;
};

// What answers them; which one answers which, the operation says.
struct ReplySet {
  using Types = RepliesOf<OperationSet::Types>::Types;
};

// The facts of an operation that is held.
const Operation& operation_of(const ApiRequest& request);

// "CreateServers"
inline std::string_view request_name(const ApiRequest& request) { return operation_of(request).name; }

}  // namespace kilonova
