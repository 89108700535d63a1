// Services and hosts as the controller hears them, and the cloud as a whole. Loop thread only.
#pragma once

#include <map>

#include "controller/core/controller_world.h"
#include "controller/core/host_registry.h"
#include "domain/nouns/host.h"
#include "domain/nouns/service.h"
#include "domain/operation.h"

namespace kilonova::controller {

// Daemons as the controller hears them.
class ServiceBook {
 public:
  void on_peer_up(const Peer& peer, WallTime now);
  void on_peer_down(const Peer& peer, WallTime now);
  void heard(const Peer& peer, WallTime now);
  const std::map<PeerId, ServiceView>& services() const { return services_; }

 private:
  std::map<PeerId, ServiceView> services_;
};

class Services {
 public:
  Services(ControllerWorld& world, HostRegistry& hosts, ServiceBook& services)
      : world_(world), hosts_(hosts), services_(services) {}

  // kNotFound for a host that is named and not there.
  Expected<HostList> handle(const ListHosts& request, const RequestContext& context) const;
  Expected<ServiceList> handle(const ListServices& request, const RequestContext& context) const;
  Expected<CloudStatus> handle(const GetCloudStatus& request, const RequestContext& context) const;

 private:
  HostView view_of(const Host& host) const;

  ControllerWorld& world_;
  HostRegistry& hosts_;
  ServiceBook& services_;
};

}  // namespace kilonova::controller
