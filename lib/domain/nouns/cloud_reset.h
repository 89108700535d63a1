// A reset: the whole cloud is what it was on its first start, while its daemons run on (docs/adr/0027).
#pragma once

#include <string>

#include "base/error.h"
#include "base/ids.h"
#include "base/type_list.h"
#include "domain/operation.h"

namespace kilonova {

// Answered when nothing of before is left: no server, no guest, no address. Until then nothing else is changed. A
// repetition with the same token is the same reset. Errors: kDeadlineExceeded where a daemon does not answer: the reset
// goes on.
struct ResetCloud {
  static constexpr Operation kOperation{"ResetCloud", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string client_token;  // "" = the api-server draws one

  Expected<> check() const;
  bool operator==(const ResetCloud&) const = default;
};

// The controller's, of the network-controller: nobody holds any address, and there are the networks of a first start,
// with the ids that they have. Never fails but by silence: it is tried until it is stored.
struct ResetNetworks {
  static constexpr Operation kOperation{"ResetNetworks", UserRole::kAdmin, Effect::kChanges, DecidedBy::kNetwork,
                                        AskedBy::kApiServer};
  using Reply = Empty;
  Uuid reset;  // the repetition of one is the same

  Expected<> check() const;
  bool operator==(const ResetNetworks&) const = default;
};

using CloudResetOperations = TypeList<ResetCloud, ResetNetworks>;

}  // namespace kilonova
