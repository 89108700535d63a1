// Interfaces of servers that are there: added and taken away (nova/compute/api.py attach_interface, detach_interface,
// remove_fixed_ip). A server's row says which it has, and the network-controller follows. What is added it holds before
// the row has it, and what goes it holds until the row has it no more: whatever is lost between the two is held too long,
// and an audit finds it. docs/protocol.md, "Addresses". Loop thread only.
#pragma once

#include <string>
#include <vector>

#include "controller/core/controller_world.h"
#include "domain/nouns/network.h"
#include "domain/nouns/server_interface.h"
#include "domain/operation.h"
#include "runtime/keyed_lock.h"

namespace kilonova::controller {

class ServerInterfaces {
 public:
  explicit ServerInterfaces(ControllerWorld& world) : world_(world), turns_(world.loop) {}

  // kConflict in Nova's words for a server that is locked, in another state than ACTIVE, PAUSED or SHUTOFF, or with
  // something under way, for a port that is in use and for several networks that it could be; kInvalidArgument where the
  // project can use none; kNotFound for a network, a port or an interface that is not there; else as the network-controller
  // says.
  Task<Expected<ServerList>> handle(AttachInterface request, RequestContext context);
  // Answered once it is committed; the network-controller is told then.
  Task<Expected<Empty>> handle(DetachInterface request, RequestContext context);
  // Also kInvalidArgument where none of its interfaces has the address.
  Task<Expected<Empty>> handle(RemoveFixedIp request, RequestContext context);

 private:
  struct Held {
    KeyedLock<Uuid>::Guard lock;
    Instance row;
  };
  // The server, with its lock, once it is known that its interfaces may be changed. `method`: Nova's; "" = in any state.
  Task<Expected<Held>> hold(Uuid instance, std::string method, const RequestContext& context);
  // Again, behind what was awaited: kConflict where its interfaces or its placement are not those of `before` any more.
  Task<Expected<Held>> hold_again(const Instance& before);
  Expected<Uuid> choose_network(const std::string& wanted, const Instance& row, const RequestContext& context) const;
  // What the network-controller makes of them: the server's addresses then. Not under the server's lock, so that a delete
  // need not wait for it.
  Task<Expected<std::vector<Address>>> ask(ChangeServerNics change);
  ChangeServerNics change_of(const Instance& row) const;
  // Tells the network-controller what the row has, as long as it is of this placement.
  Task<> settle(PlacementId placement);
  Task<> settle_in_turn(PlacementId placement);
  Task<Expected<>> store(Instance next, std::string_view recorded, const RequestContext& context);

  ControllerWorld& world_;
  KeyedLock<Uuid> turns_;  // one change of a server's interfaces at a time; taken before the server's lock
};

}  // namespace kilonova::controller
