// Reads: what a client or operator asks of the committed state. Every query carries its project scope. Loop thread only.
#pragma once

#include <map>
#include <string>

#include "controller/core/controller_world.h"
#include "controller/core/host_registry.h"
#include "domain/api.h"

namespace kilonova::controller {

// The scope of a call: all projects only where it asks so (the api-server lets only administrators ask).
ProjectScope scope_of(const RequestContext& context, bool all_projects);

// By uuid, or by name within the caller's project. kNotFound; kConflict when several servers have the name.
Expected<const Instance*> find_server(const InstanceTable& table, const ProjectScope& scope, const std::string& server);

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

class Queries {
 public:
  Queries(ControllerWorld& world, HostRegistry& hosts, ServiceBook& services)
      : world_(world), hosts_(hosts), services_(services) {}

  Expected<ApiResponse> get(const GetServer& request, const RequestContext& context) const;
  // kInvalidArgument for an unknown status, and for a marker that is no server of the list and was none lately.
  Expected<ApiResponse> list(const ListServers& request, const RequestContext& context) const;
  Task<Expected<ApiResponse>> launch_record(GetLaunchRecord request, RequestContext context);
  // kOutOfRange: the events after `since` were dropped already.
  Task<Expected<ApiResponse>> events(ReadEvents request, RequestContext context);
  Expected<ApiResponse> list(const ListHosts& request) const;
  Expected<ApiResponse> list(const ListServices& request) const;
  Expected<ApiResponse> status(const GetCloudStatus& request) const;

 private:
  ControllerWorld& world_;
  HostRegistry& hosts_;
  ServiceBook& services_;
};

}  // namespace kilonova::controller
