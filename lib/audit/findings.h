// The audit of a cloud: what its daemons believe, and where they contradict each other. Pure; any thread.
//
// Beliefs are read page by page while the cloud works, so two of them can be of different moments. What differs only
// because of that is told from what is wrong in two ways: servers that something is being done with are left out
// (`in_motion`), and what was found is held against a second look (confirmed()).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/beliefs.h"

namespace kilonova::audit {

// All pages of one daemon, of all kinds that it holds, put together.
struct DaemonBeliefs {
  PeerId daemon;
  BeliefPage beliefs;
};
// A daemon that did not tell what it believes.
struct SilentDaemon {
  PeerId daemon;
  std::string reason;
};
struct Beliefs {
  std::vector<DaemonBeliefs> daemons;  // the controller among them
  std::vector<SilentDaemon> silent;
};

// Appends the page's records.
void append(BeliefPage& all, BeliefPage page);

enum class Kind : uint8_t {
  kGuestMissing,       // a server should run on a host that has no guest of it
  kGuestOrphan,        // a guest whose server is gone, or in ERROR
  kGuestStale,         // a guest of another epoch than the row's
  kGuestElsewhere,     // a guest on another host than the row's
  kGuestUnfinished,    // a guest whose build never ended, of a server that is built
  kGuestDiffers,       // a guest that takes other resources than the flavor says
  kServerTwice,        // guests of one server on two hosts
  kPowerState,         // row and guest do not agree whether it runs
  kAllocationMissing,  // a server on a host without an allocation
  kAllocationOrphan,   // an allocation whose server is gone, or in ERROR
  kAllocationDiffers,  // of another host, epoch or amount than the row says
  kAddressMissing,     // a server with fewer addresses than nics
  kLeaseMissing,       // an address of a row that nobody leased to it
  kLeaseOrphan,        // a lease whose server is gone, or does not have it
  kLeaseDiffers,       // of another epoch, address or MAC than the row says
  kAddressTwice,       // two leases of one address, or two rows with it
  kMacTwice,           // likewise
  kGuestWithoutClaim,  // in the journal, unknown to its compute process
  kClaimWithoutGuest,  // known to the compute process, not in the journal
  kClaimDiffers,       // the process remembers it otherwise than the journal
  kUsageDiffers,       // a host's usage is not the sum of its claims
  kViewMissing,        // a scheduler has not heard of a host
  kViewDiffers,        // a scheduler believes in another usage of a host than the host has
  kViewStatus,         // a scheduler believes a host up, enabled or elsewhere, and the controller does not
  kDebitLeft,          // a scheduler still counts a cast whose server is at rest
  kQuotaUsage,         // what counts as used of a quota is not what the rows use
};
// "guest-missing"
std::string_view to_string(Kind kind);

struct Discrepancy {
  Kind kind = Kind::kGuestMissing;
  Uuid server;           // nil: it is not about one server
  std::string host;      // "" likewise
  std::string message;   // names all that it is about, and both values
  WallTime row_changed;  // last change of the server's row
  bool operator==(const Discrepancy&) const = default;
};

// A server that something is being done with.
struct InMotion {
  Uuid server;
  std::string what;  // "web1 is building/spawning, epoch 2"
  bool operator==(const InMotion&) const = default;
};

struct Findings {
  std::vector<Discrepancy> discrepancies;
  std::vector<InMotion> in_motion;  // by server
  size_t servers = 0;
  size_t hosts = 0;
  size_t guests = 0;
  size_t leases = 0;
  size_t schedulers = 0;
};

// A debit lives until its host has accounted for it, which takes as long as a message; this much is not suspicious.
inline constexpr Duration kDebitPatience = seconds(10);

// Leaves out what a silent daemon would have to say. Without a controller nothing can be compared.
Findings compare(const Beliefs& beliefs);

// Those of `later` that `earlier` has as well, with the same values: while a row or a host changes, what is said of it
// proves nothing.
std::vector<Discrepancy> confirmed(const Findings& earlier, const Findings& later);

}  // namespace kilonova::audit
