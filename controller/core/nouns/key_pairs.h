// Key pairs: each user's own. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/key_pair.h"
#include "domain/operation.h"

namespace kilonova::controller {

class KeyPairs {
 public:
  explicit KeyPairs(ControllerWorld& world) : world_(world) {}

  // kNotFound for a name that the caller has no key pair of; kAlreadyExists for one that it has; kQuotaExceeded;
  // kUnauthenticated when the user of the token is gone.
  Expected<KeyPairList> handle(const ListKeyPairs& request, const RequestContext& context) const;
  Task<Expected<KeyPairList>> handle(StoreKeyPair request, RequestContext context);
  Task<Expected<KeyPairList>> handle(TagKeyPair request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteKeyPair request, RequestContext context);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
