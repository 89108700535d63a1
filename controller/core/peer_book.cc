#include "controller/core/peer_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/sometimes.h"
#include "controller/core/hex_words.h"
#include "domain/setting.h"
#include "runtime/sleep.h"

namespace kilonova::controller {
namespace {

constexpr std::string_view kPrefix = kPeerSettings;

std::optional<PeerId> peer_in(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  const size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  PeerId id;
  std::string_view digits = name.substr(dash + 1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id.index);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  for (Role role : {Role::kController, Role::kScheduler, Role::kNetwork, Role::kCompute, Role::kApi}) {
    id.role = role;
    if (to_string(role) == name.substr(0, dash)) return id;
  }
  return std::nullopt;
}

}  // namespace

PeerBook::PeerBook(ControllerWorld& world, const ControllerState& state) : world_(world) {
  for (const Setting& setting : state.of<Setting>()) {
    auto id = peer_in(setting.name);
    if (!id) continue;
    Processes& processes = processes_[*id];
    for (std::string_view word : words_in(setting.value)) {  // the newest first
      std::optional<Incarnation> incarnation = hex_number(word);
      if (!incarnation) continue;
      if (processes.newest == 0) {
        processes.newest = *incarnation;
      } else {
        processes.replaced.push_front(*incarnation);
      }
    }
  }
}

void PeerBook::start() {
  for (const auto& [id, processes] : processes_)
    world_.transport.forbid(id, {processes.replaced.begin(), processes.replaced.end()});
}

bool PeerBook::admit(const Peer& peer) {
  Processes& processes = processes_[peer.id];
  if (processes.newest == peer.incarnation) return true;
  if (std::ranges::find(processes.replaced, peer.incarnation) != processes.replaced.end()) {
    world_.log.event(LogLevel::kWarning, "a process that was replaced by a newer one is sent away",
                     {{"peer", to_string(peer.id)}, {"incarnation", fmt::format("{:016x}", peer.incarnation)}});
    world_.transport.forbid(peer.id, {peer.incarnation});
    return false;
  }
  if (processes.newest != 0) {
    KN_SOMETIMES("controller: a process is replaced by a newer one");
    processes.replaced.push_back(processes.newest);
    // Now, not when it comes back: in a moment without its successor the transport would let it in, as that one's.
    world_.transport.forbid(peer.id, {processes.newest});
  }
  if (processes.replaced.size() > kReplacedKept) processes.replaced.pop_front();
  processes.newest = peer.incarnation;
  processes.is_stored = false;
  if (!std::exchange(processes.is_storing, true)) world_.flows.spawn(store(peer.id));
  return true;
}

bool PeerBook::is_newest(const Peer& peer) const {
  auto found = processes_.find(peer.id);
  return found != processes_.end() && found->second.newest == peer.incarnation;
}

Task<> PeerBook::store(PeerId id) {
  Processes& processes = processes_[id];
  while (!processes.is_stored) {
    processes.is_stored = true;
    std::string text = fmt::format("{:016x}", processes.newest);
    for (auto replaced = processes.replaced.rbegin(); replaced != processes.replaced.rend(); ++replaced)
      text += fmt::format(" {:016x}", *replaced);
    Transaction transaction;
    transaction.push_back(mutation::Put<Setting>{{std::string(kPrefix) + to_string(id), std::move(text)}});
    auto committed = co_await world_.store.commit(std::move(transaction));
    if (committed) continue;
    KN_SOMETIMES("controller: the store refuses who is the newest process");
    processes.is_stored = false;
    co_await sleep_for(world_.loop, kStoreRetry);
  }
  processes.is_storing = false;
}

}  // namespace kilonova::controller
