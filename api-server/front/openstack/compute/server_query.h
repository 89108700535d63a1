// Which servers a list asks for, and in which order: Nova's filters, those of them that this cloud can answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "domain/instance.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {

struct ServerQuery {
  ListServers operation;                                                       // what the core sorts out itself
  std::vector<std::function<bool(const Instance&)>> filters;                   // the rest: a server passes all of them
  std::vector<std::function<bool(const ServerProperties&)>> property_filters;  // and these
  std::vector<std::function<bool(const Instance&, const ServerProperties&)>> shown_filters;  // and these
  struct SortKey {
    std::string key;
    bool ascending = false;
  };
  std::vector<SortKey> sort;  // none: newest first, which is the core's order
  bool is_empty = false;      // nothing can fit

  bool passes(const Instance& server, const ServerProperties& properties) const;
  // True when the rest of the order must be made here.
  bool needs_sorting() const { return !sort.empty(); }
  void sort_rows(std::vector<Instance>& servers) const;
};

// 400 for values that Nova refuses, 403 for what only an admin may ask. Filters that are not a user's to use do not
// count, as in Nova. `limit` and `marker` are not read here.
std::expected<ServerQuery, Refusal> read_server_query(const Call& call);

}  // namespace kilonova::api::openstack
