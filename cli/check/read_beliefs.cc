#include "cli/check/read_beliefs.h"

#include <set>
#include <utility>

#include "audit/collect.h"
#include "rpc/convert/nouns/beliefs.h"

namespace kilonova::cli {
namespace {

constexpr PeerId kController{Role::kController, 0};

Expected<BeliefPage> read_page(Session& session, const ReadBeliefs& wanted) {
  v1::ReadBeliefsRequest request;
  rpc::encode(wanted, &request);
  auto reply = session.call(&v1::Cloud::Stub::ReadBeliefs, request);
  if (!reply) return std::unexpected(reply.error());
  BeliefPage page;
  rpc::Decoder decoder;
  rpc::decode(reply->page(), &page, decoder);
  if (decoder.failed()) return std::unexpected(decoder.error("ReadBeliefsReply"));
  return page;
}

}  // namespace

Expected<audit::Beliefs> read_beliefs(Session& session) {
  auto services = session.call(&v1::Cloud::Stub::ListServices, v1::ListServicesRequest());
  if (!services) return std::unexpected(services.error());
  auto read = [&session](const ReadBeliefs& wanted) { return read_page(session, wanted); };
  auto controller = audit::collect(kController, read);
  if (!controller) return std::unexpected(controller.error());
  // A daemon that was not heard of since the controller's start is missed too: there is one network-controller, and
  // hosts know who carries them.
  std::set<PeerId> others{{Role::kNetwork, 0}};
  for (const v1::Service& service : services->services()) {
    PeerId daemon{static_cast<Role>(service.role()), service.index()};
    if (daemon != kController && audit::has_beliefs(daemon.role)) others.insert(daemon);
  }
  for (const HostBelief& host : controller->beliefs.hosts) others.insert(host.process);
  audit::Beliefs beliefs;
  beliefs.daemons.push_back(*std::move(controller));
  for (PeerId daemon : others) {
    auto told = audit::collect(daemon, read);
    if (told) {
      beliefs.daemons.push_back(*std::move(told));
    } else {
      beliefs.silent.push_back({daemon, told.error().message});
    }
  }
  return beliefs;
}

}  // namespace kilonova::cli
