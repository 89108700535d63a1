// Every operation on the wire, noun by noun: what ApiCall and ApiReply carry, and the methods of kilonova.v1.Cloud.
#pragma once

#include "domain/api.h"
#include "rpc/convert/nouns/aggregates.h"
#include "rpc/convert/nouns/api_records.h"
#include "rpc/convert/nouns/beliefs.h"
#include "rpc/convert/nouns/cloud_resets.h"
#include "rpc/convert/nouns/fault_rules.h"
#include "rpc/convert/nouns/flavors.h"
#include "rpc/convert/nouns/guest_views.h"
#include "rpc/convert/nouns/host_verdicts.h"
#include "rpc/convert/nouns/hosts.h"
#include "rpc/convert/nouns/images.h"
#include "rpc/convert/nouns/key_pairs.h"
#include "rpc/convert/nouns/network_parts.h"
#include "rpc/convert/nouns/networks.h"
#include "rpc/convert/nouns/projects.h"
#include "rpc/convert/nouns/quotas.h"
#include "rpc/convert/nouns/server_groups.h"
#include "rpc/convert/nouns/server_interfaces.h"
#include "rpc/convert/nouns/server_moves.h"
#include "rpc/convert/nouns/server_requests.h"
#include "rpc/convert/nouns/servers.h"
#include "rpc/convert/nouns/services.h"
#include "rpc/convert/nouns/token_keys.h"
#include "rpc/convert/nouns/users.h"

// Part is CALLS, REPLIES or METHODS: see declare.h and the nouns' headers.
#define KN_OPERATIONS(Part, X)                                                                                         \
  KN_SERVER_##Part(X) KN_SERVER_REQUEST_##Part(X) KN_SERVER_MOVE_##Part(X) KN_SERVER_INTERFACE_##Part(X)               \
      KN_GUEST_VIEW_##Part(X) KN_FLAVOR_##Part(X) KN_IMAGE_##Part(X) KN_KEY_PAIR_##Part(X) KN_NETWORK_##Part(X)        \
          KN_NETWORK_PART_##Part(X) KN_PROJECT_##Part(X) KN_USER_##Part(X) KN_QUOTA_##Part(X) KN_HOST_##Part(X)        \
              KN_SERVICE_##Part(X) KN_FAULT_##Part(X) KN_AGGREGATE_##Part(X) KN_SERVER_GROUP_##Part(X)                 \
                  KN_API_RECORD_##Part(X) KN_CLOUD_RESET_##Part(X) KN_BELIEF_##Part(X) KN_TOKEN_KEY_##Part(X)        \
                      KN_HOST_VERDICT_##Part(X)

namespace kilonova::rpc {

// A client's request: its form only; the core checks the rest. kInvalidArgument names the field.
template <class Operation, class Proto>
Expected<Operation> from_public(const Proto& proto) {
  Operation request;
  Decoder decoder;
  decode(proto, &request, decoder);
  if (decoder.failed()) return std::unexpected(decoder.error(Proto::descriptor()->name()));
  return request;
}

}  // namespace kilonova::rpc
