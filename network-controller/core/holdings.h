// Holdings: which server holds which addresses, at which epoch, and the fences of what was released. Pure: what is
// committed, and the decision what a request may do. Rules: docs/protocol.md, "Addresses". Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/hash_map.h"
#include "base/keyed_map.h"
#include "base/time.h"
#include "domain/messages.h"
#include "domain/net.h"

namespace kilonova::network {

// One nic, without what its network's row says. A port without an IPv4 address has 0.0.0.0.
struct HeldNic {
  Uuid network_id;
  Mac mac;
  Ipv4 ip;
  uint32_t nic = 0;
  WallTime lease_expires_at;  // of the first lease
  Uuid port_id;               // whose MAC and addresses these are; nil: they are the server's own
};

struct Holding {
  uint64_t epoch = 0;
  // The placement that the server moves away from, which has the same addresses until either of the two is released. 0
  // = none.
  uint64_t shared_with = 0;
  std::string hostname;
  std::vector<HeldNic> nics;  // in nic order
  // Of this life alone: the last change that the controller made of the nics, so that its repetition is the same; and what
  // had been heard by then, so that an older word of whose they are takes nothing away.
  Uuid last_change = {};
  uint64_t changed_at = 0;

  // The placement of this epoch has the addresses.
  bool is_of(uint64_t placement) const { return placement == epoch || (placement == shared_with && shared_with != 0); }
};

enum class AllocateVerdict {
  kNew,     // nothing held, or of a lower epoch: allocate, and free the lower one's
  kShare,   // held by the placement that this one shares with: the same for both
  kRepeat,  // held by this very epoch: the same again
  kStale,   // a higher epoch holds, or this one was released
  kLost,    // to be shared, and not held by the placement that this one shares with: the store went back
};

class Holdings {
 public:
  // `shares_with`: the epoch whose addresses the placement takes over, 0 = none.
  AllocateVerdict decide_allocate(const PlacementId& placement, uint64_t shares_with) const;
  // True when a release of this placement has something to do: addresses up to its epoch, or a fence to raise.
  bool must_release(const PlacementId& placement, bool server_is_gone = false) const;
  // The server's holding once `released` has none of it: where two placements share it the other one keeps it, else
  // `kept_by`. Nothing where that has none of it: then all is to be freed.
  std::optional<Holding> kept(const PlacementId& released, uint64_t kept_by) const;

  // Null when the server holds nothing. Valid until the server's holding changes.
  const Holding* find(const Uuid& instance) const;
  void put(const Uuid& instance, Holding holding);
  void erase(const Uuid& instance);
  size_t size() const { return holdings_.size(); }
  // The servers that hold anything.
  const std::set<Uuid>& holders() const { return holders_; }
  // The placements of about `limit` servers that hold anything, from the first one after `after` on; for audits.
  std::vector<PlacementId> held_after(const std::optional<Uuid>& after, size_t limit) const;

  // Raises the fence; a lower one than there is changes nothing.
  void put_fence(const PlacementId& placement, Instant forget_at);
  uint64_t fence_epoch(const Uuid& instance) const;  // 0 = none
  // Fences whose time is over, at most `limit`; they stay until erased.
  std::vector<PlacementId> fences_to_forget(Instant now, size_t limit) const;
  // Erases it if it was not raised since.
  void erase_fence(const PlacementId& placement);
  size_t fences() const { return fence_of_.size(); }

 private:
  struct FenceOrder {
    Instant forget_at;
    Uuid instance;
    auto operator<=>(const FenceOrder&) const = default;
  };
  struct Fence {
    uint64_t epoch = 0;
    Instant forget_at;
  };

  KeyedMap<Uuid, Holding> holdings_;
  std::set<Uuid> holders_;  // for audits, which go from server to server
  HashMap<Uuid, Fence> fence_of_;
  std::map<FenceOrder, uint64_t> fences_by_age_;  // epoch
};

// A running guest renews its lease at half its time (RFC 2131, 4.4.5: T1): when the lease that it holds now expires.
WallTime renewed_expiry(WallTime first_expiry, Duration lease_time, WallTime now);

}  // namespace kilonova::network
