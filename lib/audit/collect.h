// Puts together what one daemon believes, page by page.
#pragma once

#include <functional>

#include "audit/findings.h"
#include "base/error.h"
#include "domain/beliefs.h"

namespace kilonova::audit {

using ReadPage = std::function<Expected<BeliefPage>(const ReadBeliefs& request)>;

// All kinds that a daemon of its role holds; none for roles that hold nothing. The first error of a page.
Expected<DaemonBeliefs> collect(PeerId daemon, const ReadPage& read);

// Whether daemons of this role have beliefs at all.
bool has_beliefs(Role role);

}  // namespace kilonova::audit
