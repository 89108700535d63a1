#include "audit/collect.h"

#include "domain/beliefs.h"

#include <string>
#include <utility>
#include <vector>

namespace kilonova::audit {
namespace {

std::vector<BeliefKind> kinds_of(Role role) {
  std::vector<BeliefKind> kinds;
  for (int kind = static_cast<int>(BeliefKind::kServers); kind <= static_cast<int>(BeliefKind::kDebits); ++kind)
    if (role_of(static_cast<BeliefKind>(kind)) == role) kinds.push_back(static_cast<BeliefKind>(kind));
  return kinds;
}

}  // namespace

bool has_beliefs(Role role) { return !kinds_of(role).empty(); }

Expected<DaemonBeliefs> collect(PeerId daemon, const ReadPage& read) {
  DaemonBeliefs all{daemon, {}};
  for (BeliefKind kind : kinds_of(daemon.role)) {
    ReadBeliefs request{.daemon = daemon, .kind = kind};
    do {
      Expected<BeliefPage> page = read(request);
      if (!page) return std::unexpected(page.error());
      request.after = page->next;
      append(all.beliefs, *std::move(page));
    } while (!request.after.empty());
  }
  return all;
}

}  // namespace kilonova::audit
