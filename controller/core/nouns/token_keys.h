// The keys that tokens are signed with: stored, replaced, and told to every api-server. The keys themselves are drawn by
// an api-server and never logged. Loop thread only.
#pragma once

#include <string>

#include "controller/core/controller_world.h"
#include "domain/nouns/token_key.h"
#include "domain/operation.h"
#include "ports/transport.h"

namespace kilonova::controller {

class TokenKeyBook {
 public:
  explicit TokenKeyBook(ControllerWorld& world) : world_(world) {}

  // The tickets for addresses stay as they are: hosts hold some.
  Task<Expected<TokenKeyCount>> handle(StoreTokenKey request, RequestContext context);
  // Tells an api-server all keys that are good.
  void tell(PeerId api_server) const;
  // What tickets for addresses are made with, once a key was replaced that they came from.
  TicketKey ticket_key() const;

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
