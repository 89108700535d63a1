// Taking addresses back: released by compute or the controller, or found to be nobody's by the audit.
// Nova: nova/network/neutron.py deallocate_for_instance.
#include <utility>

#include "base/sometimes.h"
#include "network-controller/core/network_core.h"
#include "runtime/sleep.h"

namespace kilonova::network {
namespace {

constexpr size_t kFencesForgottenAtOnce = 1000;

}  // namespace

// Confirms also when there was nothing; not when the store refused: who asked asks again.
Task<void> NetworkCore::deallocate_for_instance(Peer from, uint64_t call, ReleaseAddresses request) {
  PlacementId placement = request.placement;
  const OpenRequests::Entry open(open_requests_, {from, call, AddressesReleased{placement}});
  co_await ready_.wait();
  // Without a ticket it changes nothing: the controller releases what it gives up, and an audit finds the rest.
  if (!may_act_for(from, placement, request.ticket)) {
    KN_SOMETIMES("network: a release has no ticket");
    co_return reply(from, call, AddressesReleased{placement});
  }
  const bool server_is_gone = request.server_is_gone && from.id.role == Role::kController;
  bool released =
      co_await deallocate(placement, request.kept_by, server_is_gone ? Release::kOfServer : Release::kOfPlacement);
  if (released) reply(from, call, AddressesReleased{placement});
}

// Frees what the server holds up to this epoch and raises its fence; what a higher epoch holds stays, and so does what
// `kept_by` has, which then has it alone. False when the store refused: then nothing has changed.
Task<bool> NetworkCore::deallocate(PlacementId placement, uint64_t kept_by, Release release, uint64_t heard) {
  auto lock = co_await locks_.acquire(placement.instance);
  if (release != Release::kOfOrphan) round_.note_release(placement, release == Release::kOfServer);
  if (!holdings_.must_release(placement, release == Release::kOfServer)) {
    KN_SOMETIMES("network: a release is a repeat, or stale");
    co_return true;
  }
  if (const Holding* held = holdings_.find(placement.instance); held != nullptr && held->changed_at >= heard)
    co_return true;
  auto port_locks = co_await lock_ports(ports_.of_device(to_string(placement.instance)));
  std::optional<Holding> left = holdings_.kept(placement, kept_by);
  bool frees = !left && holdings_.find(placement.instance) != nullptr;
  NetworkTransaction transaction;
  if (frees) transaction.push_back(network_mutation::EraseLeases{placement.instance});
  PortChanges ports;
  if (!left) ports = unbound(placement.instance, {}, release != Release::kOfPlacement);
  put_ports(ports, transaction);
  if (left) put_leases(placement.instance, *left, transaction);
  transaction.push_back(network_mutation::PutFence{{placement, fence_clock_.at(loop_.now())}});
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) {
    KN_SOMETIMES("network: the store refuses a release");
    log_.event(LogLevel::kError, "a release was not stored",
               {{"instance", to_string(placement.instance)}, {"error", committed.error().message}});
    co_return false;
  }
  if (left) holdings_.put(placement.instance, *std::move(left));
  if (frees) {
    free_addresses(*holdings_.find(placement.instance));
    holdings_.erase(placement.instance);
  }
  take_port_changes(std::move(ports));
  holdings_.put_fence(placement, loop_.now() + options_.fence_retention);
  co_return true;
}

Task<void> NetworkCore::release_orphan(PlacementId placement, uint64_t heard) {
  co_await ready_.wait();
  const Holding* holding = holdings_.find(placement.instance);
  if (holding == nullptr || !holdings_.must_release(placement)) co_return;
  KN_SOMETIMES("network: an audit finds an orphan");
  log_.event(LogLevel::kWarning, "addresses that no server owns are released",
             {{"instance", to_string(placement.instance)}, {"epoch", std::to_string(placement.epoch)}});
  co_await deallocate(placement, 0, Release::kOfOrphan, heard);
}

Task<void> NetworkCore::audit_flow() {
  for (;;) {
    co_await sleep_for(loop_, options_.audit_interval);
    co_await forget_fences();
    if (controller_ && ready_.is_set()) send_snapshot(controller_->id);  // the one on connection may have been dropped
    co_await ask_for_owners();
  }
}

// In chunks, and other work goes between. The round ends at the last holder, or where the controller takes no more; the
// next begins anew.
Task<void> NetworkCore::ask_for_owners() {
  co_await ready_.wait();
  auto permit = co_await asking_.acquire();
  OwnershipQuery query{.held = {}, .is_range = true};
  const uint64_t round = round_.begin();
  for (;;) {
    if (!controller_) break;
    const bool is_first = query.after.is_nil();
    query.held = holdings_.held_after(is_first ? std::nullopt : std::optional(query.after), options_.audit_chunk);
    query.digests.clear();
    for (const PlacementId& held : query.held) {
      uint64_t digest = 0;
      for (const HeldNic& nic : holdings_.find(held.instance)->nics)
        digest += digest_of(nic.network_id, nic.nic, nic.ip, nic.mac);
      query.digests.push_back(digest);
    }
    const bool more = query.held.size() >= options_.audit_chunk;
    query.through = more ? query.held.back().instance : Uuid{};
    if (!transport_.send(controller_->id, Message{.call = round, .body = query})) break;
    round_.ask();
    if (!more) break;
    query.after = query.through;
    co_await yield(loop_);
  }
  round_.close();
}

// Many to a transaction. Those of servers that are being worked on, and those that could not be erased, stay until the
// next time.
Task<void> NetworkCore::forget_fences() {
  for (;;) {
    std::vector<PlacementId> over;
    std::vector<KeyedLock<Uuid>::Guard> locks;
    NetworkTransaction transaction;
    for (const PlacementId& fence : holdings_.fences_to_forget(loop_.now(), kFencesForgottenAtOnce)) {
      if (locks_.held(fence.instance)) continue;
      locks.push_back(co_await locks_.acquire(fence.instance));  // nobody holds it: goes on at once
      over.push_back(fence);
      transaction.push_back(network_mutation::EraseFence{fence.instance});
    }
    if (over.empty()) co_return;
    Expected<> committed = co_await store_.commit(std::move(transaction));
    if (!committed) co_return;
    for (const PlacementId& fence : over) holdings_.erase_fence(fence);
  }
}

}  // namespace kilonova::network
