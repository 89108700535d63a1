// Host aggregates, by the rules of nova/compute/api.py AggregateAPI. Loop thread only.
#pragma once

#include <string>

#include "controller/core/controller_world.h"
#include "controller/core/host_registry.h"
#include "domain/nouns/aggregate.h"

namespace kilonova::controller {

class Aggregates {
 public:
  Aggregates(ControllerWorld& world, HostRegistry& hosts) : world_(world), hosts_(hosts) {}

  // kNotFound for an aggregate or host that is named and not there, and for a host that the aggregate does not have;
  // kAlreadyExists for a taken name and for a host that it has; kConflict when a host would be in two zones;
  // kInvalidArgument (Nova: 400) for deleting one that has hosts, and for a change of zone under hosts with servers.
  Expected<AggregateList> handle(const ListAggregates& request, const RequestContext& context) const;
  Task<Expected<AggregateList>> handle(CreateAggregate request, RequestContext context);
  Task<Expected<AggregateList>> handle(SetAggregate request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteAggregate request, RequestContext context);
  Task<Expected<AggregateList>> handle(AddAggregateHost request, RequestContext context);
  Task<Expected<AggregateList>> handle(RemoveAggregateHost request, RequestContext context);
  // The processes of its hosts are told. kNotFound for an image that is named and not there, or not the caller's to use.
  Task<Expected<Empty>> handle(CacheAggregateImages request, RequestContext context);

 private:
  const Aggregate* find(const std::string& id_or_name) const;
  // That these hosts may be in this zone, beside what the other aggregates say of them.
  Expected<> check_zone(const Aggregate& row, const std::vector<std::string>& hosts, std::string_view action) const;
  // That no server is on a host whose zone is about to change.
  Expected<> check_no_servers(const Aggregate& row, const std::vector<std::string>& hosts, std::string_view action) const;
  // Commits it, and tells the schedulers of these hosts.
  Task<Expected<AggregateList>> store(Aggregate row, std::vector<std::string> hosts);

  ControllerWorld& world_;
  HostRegistry& hosts_;
};

}  // namespace kilonova::controller
