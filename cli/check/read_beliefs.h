// Reads what every daemon of a running cloud believes, page by page, through the public service.
#pragma once

#include "audit/findings.h"
#include "base/error.h"
#include "cli/client/session.h"

namespace kilonova::cli {

// One look at the cloud; needs an administrator's session. A daemon that does not answer is named as silent; an error
// means that the controller could not be asked. A stopped daemon costs ten seconds.
Expected<audit::Beliefs> read_beliefs(Session& session);

}  // namespace kilonova::cli
