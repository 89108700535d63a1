// A reset of the cloud: the networks are those of a first start again, and nobody holds anything.
#include <utility>

#include "base/sometimes.h"
#include "network-controller/core/network_core.h"

namespace kilonova::network {

NetworkCore::FirstNetworkIds NetworkCore::first_network_ids() const {
  FirstNetworkIds ids;
  for (const auto& [id, entry] : networks_.all()) {
    const bool is_private = entry.row.name == "private", is_public = entry.row.name == "public";
    if (!entry.row.project_id.is_nil() || entry.subnets.empty() || !(is_private || is_public)) continue;
    (is_private ? ids.private_network : ids.public_network) = id;
    (is_private ? ids.private_subnet : ids.public_subnet) = entry.subnets.front()->row.id;
  }
  return ids;
}

// Flows hold what they reserved in the pools: they go first. What they had begun to commit is before the reset, which
// takes it away.
void NetworkCore::forget_everything() {
  scope_.emplace(loop_);
  holdings_ = {};
  ports_ = {};
  networks_ = {};
  macs_ = {};
  round_ = {};
  ticket_key_ = {};  // with it the servers of before would get addresses; the controller tells the next one
}

// The controller asks until it is answered, and lets nobody change anything meanwhile. Peers' own requests wait until
// the first networks are stored, however long the disk takes.
Task<Expected<Empty>> NetworkCore::handle(ResetNetworks request, RequestContext) {
  auto turn = co_await resetting_.acquire();
  if (request.reset == last_reset_) {
    KN_SOMETIMES("network: a reset is asked again");
    co_return Empty{};
  }
  const FirstNetworkIds ids = first_network_ids();
  const OpenRequests::Requests open = open_requests_.all();
  ready_.clear();
  forget_everything();
  co_await create_first_networks(ids, true);
  for (const OpenRequests::Request& one : open) {
    KN_SOMETIMES("network: a reset answers in the place of a flow");
    reply(one.from, one.call, one.answer);
  }
  scope_->spawn(audit_flow());
  last_reset_ = request.reset;
  co_return Empty{};
}

}  // namespace kilonova::network
