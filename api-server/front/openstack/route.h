// The route table: one row a route. A resource's file has its rows; routes.cc puts them together.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/microversion.h"
#include "api-server/front/openstack/service.h"
#include "domain/user_role.h"
#include "runtime/task.h"

namespace kilonova::api::openstack {

struct Route {
  Service service;
  std::string_view method;
  std::string_view pattern;  // below the service's version: "/servers/{server}/action"
  UserRole role;             // that the token needs in its project; kNone: no token is asked for, or any will do
  std::string_view policy;   // its name, for refusals: "os_compute_api:servers:index"
  Task<Answered> (*handler)(Call& call);
  Minor since = kFirstMinor;  // compute: in which microversions there is such a route
  Minor until = kLastMinor;
  bool takes_any_token = false;  // of kNone: a token is needed, whatever it is for
};

// A route of Keystone's that asks who its caller is, not what it may: the handler sees to that.
constexpr Route any_token(std::string_view method, std::string_view pattern, std::string_view policy,
                          Task<Answered> (*handler)(Call& call)) {
  Route route{Service::kIdentity, method, pattern, UserRole::kNone, policy, handler};
  route.takes_any_token = true;
  return route;
}

// Every row of every resource.
std::span<const Route> routes();

// Which routes a path has.
class RouteIndex {
 public:
  explicit RouteIndex(std::span<const Route> routes);

  struct Match {
    const Route* route = nullptr;  // nullptr: none of this method
    std::vector<std::pair<std::string_view, std::string>> path;
    std::vector<std::string_view> methods;  // that the path has, whatever was asked
  };
  // `path`: below the service's root. A literal part is preferred to one in braces. HEAD is answered by Keystone's GET
  // routes. kAnyMinor: whichever microversions a route is there in.
  static constexpr Minor kAnyMinor = 0;
  Match find(Service service, std::string_view method, std::span<const std::string> path, Minor minor) const;

 private:
  struct Entry {
    const Route* route;
    std::vector<std::string_view> parts;
    size_t literals;
  };
  std::vector<std::vector<Entry>> by_size_;  // of the path
};

}  // namespace kilonova::api::openstack
