// What was asked of a server, by whom and when: nova/objects/instance_action.py. The create is not stored: the server's row
// says it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/record.h"

namespace kilonova {

// nova/objects/instance_action.py InstanceActionEvent: a call in the course of an action.
struct InstanceActionEvent {
  std::string event;  // Nova's name: "compute_stop_instance"
  WallTime started_at;
  WallTime finished_at;  // 0 = it is under way
  std::string host;      // or the daemon that did it, where that is none; "" = nobody is known to have
  bool failed = false;

  bool operator==(const InstanceActionEvent&) const = default;
};

template <class Io, RowOf<InstanceActionEvent> Row>
void visit(Io& io, Row& row) {
  io(row.event, row.started_at, row.finished_at, row.host, row.failed);
}

struct InstanceAction {
  static constexpr Record kRecord{"instance_actions", "instance, number", "instance_action"};
  std::pair<Uuid, uint64_t> key() const { return {instance, number}; }

  Uuid instance;
  uint64_t number = 0;  // ascending from 1, in the order in which they began; 0 is the create
  std::string action;   // Nova's name: "stop", "create"
  Uuid request_id;
  Uuid user_id;
  Uuid project_id;
  WallTime started_at;
  WallTime finished_at;  // 0 = it is under way
  std::string host;      // that carried it out; "" = none did
  bool failed = false;
  std::string message;  // why; "" = nothing to say
  std::vector<InstanceActionEvent> events = {};  // in the order in which they began

  bool operator==(const InstanceAction&) const = default;
};

template <class Io, RowOf<InstanceAction> Row>
void visit(Io& io, Row& row) {
  io(row.instance, row.number, row.action, row.request_id, row.user_id, row.project_id, row.started_at,
     row.finished_at, row.host, row.failed, row.message, row.events);
}

}  // namespace kilonova
