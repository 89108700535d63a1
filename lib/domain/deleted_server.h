// What is remembered of a server that is gone: docs/adr/0029-deleted-servers.md. Nova keeps the row of a deleted server until an
// operator archives it (nova/db/main/api.py instance_destroy); here the newest are kept.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/instance.h"
#include "domain/instance_action.h"
#include "domain/record.h"
#include "domain/server_properties.h"

namespace kilonova {

struct DeletedServer {
  static constexpr Record kRecord{"deleted_servers", "number", "deleted_server"};
  int64_t key() const { return number; }

  int64_t number = 0;  // ascending in the order in which they went
  Instance row;        // its last, with vm_state kDeleted; it went at updated_at
  ServerProperties properties;
  std::vector<InstanceAction> actions;  // newest first, the create last

  bool operator==(const DeletedServer&) const = default;
};

template <class Io, RowOf<DeletedServer> Row>
void visit(Io& io, Row& row) {
  io(row.number, row.row, row.properties, row.actions);
}

}  // namespace kilonova
