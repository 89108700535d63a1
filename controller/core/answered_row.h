// A server's row as clients are answered with it: what is, where the row keeps what was asked.
#pragma once

#include <vector>

#include "controller/core/record_tables.h"
#include "domain/instance.h"
#include "domain/nouns/host.h"
#include "domain/nouns/server_group.h"
#include "domain/server_properties.h"

namespace kilonova::controller {

// The zone is that of the host once there is one (Nova: the instance's availability_zone is set from its host),
// whatever zone was asked for. The row itself keeps what was asked, for its next try.
inline Instance answered_row(const RecordTables& records, const Instance& row) {
  Instance answered = row;
  if (auto host = records.of<Host>().find(row.current.host); host != records.of<Host>().end())
    answered.spec.availability_zone = records.zone_of(host->second);
  // A server outlives its group.
  if (!answered.spec.hints.group.is_nil() && !records.of<ServerGroup>().contains(answered.spec.hints.group))
    answered.spec.hints.group = {};
  return answered;
}

// Of those of the servers that have some.
inline std::vector<ServerProperties> properties_of(const RecordTables& records, const std::vector<Instance>& servers) {
  std::vector<ServerProperties> properties;
  const auto& table = records.of<ServerProperties>();
  if (table.empty()) return properties;
  for (const Instance& server : servers)
    if (auto row = table.find(server.uuid); row != table.end()) properties.push_back(row->second);
  return properties;
}

}  // namespace kilonova::controller
