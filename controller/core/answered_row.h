// A server's row as clients are answered with it: what is, where the row keeps what was asked.
#pragma once

#include "controller/core/record_tables.h"
#include "domain/instance.h"
#include "domain/nouns/host.h"

namespace kilonova::controller {

// The zone is that of the host once there is one (Nova: the instance's availability_zone is set from its host),
// whatever zone was asked for. The row itself keeps what was asked, for its next try.
inline Instance answered_row(const RecordTables& records, const Instance& row) {
  Instance answered = row;
  if (auto host = records.of<Host>().find(row.current.host); host != records.of<Host>().end())
    answered.spec.availability_zone = records.zone_of(host->second);
  return answered;
}

}  // namespace kilonova::controller
