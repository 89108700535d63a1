// What users say of their servers, and the lock: nova/compute/api.py update_instance, update_instance_metadata, lock,
// unlock; nova/api/openstack/compute/server_tags.py. Loop thread only.
#pragma once

#include <string>
#include <vector>

#include "controller/core/controller_world.h"
#include "controller/core/instance_actions.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/server_properties.h"

namespace kilonova::controller {

// What is said of one server, changed in one transaction: row() is changed, then put() into it, and apply() once it is
// committed.
class PropertyChanges {
 public:
  PropertyChanges(RecordTables& records, const Uuid& instance);

  ServerProperties& row() { return row_; }
  void put(Transaction& transaction) const;
  void apply();

 private:
  RecordTables& records_;
  ServerProperties row_;
  bool is_known_;
};

class ServerChanges {
 public:
  explicit ServerChanges(ControllerWorld& world) : world_(world) {}

  // Nova lets metadata and tags be changed while a server is ACTIVE, PAUSED, SUSPENDED or SHUTOFF and, of metadata,
  // nothing is under way: kConflict otherwise, and for a locked server. kQuotaExceeded for too many items.
  Task<Expected<ServerList>> handle(SetServer request, RequestContext context);
  // kPermissionDenied when an administrator locked it and another asks.
  Task<Expected<Empty>> handle(LockServer request, RequestContext context);

 private:
  struct Held {
    KeyedLock<Uuid>::Guard lock;
    const Instance* row = nullptr;  // as long as nothing is awaited
    PropertyChanges properties;
  };
  // The server that a request names, which nobody else changes meanwhile. kNotFound, also for one that is being
  // deleted.
  Task<Expected<Held>> hold(std::string server, bool all_projects, const RequestContext& context);
  // With the row's new time; the caller holds its lock.
  Task<Expected<ServerList>> store(Instance next, PropertyChanges properties, ActionChanges record);

  ControllerWorld& world_;
};

// Nova's check_instance_lock: kConflict for a locked server, unless an administrator asks.
Expected<> check_unlocked(const RecordTables& records, const Uuid& instance, const RequestContext& context);

// What a create says of each of its servers; of none when it says nothing.
std::vector<ServerProperties> asked_properties(const CreateServers& request, const std::vector<Instance>& rows);

}  // namespace kilonova::controller
