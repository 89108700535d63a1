// Tickets for addresses: what a compute process shows the network-controller to ask for a placement's addresses, or to
// give them back. The controller gives one with each cast; only the controller and the network-controller have the key,
// so a compute process has tickets for what it was told to build, and for nothing else. Rules: docs/protocol.md,
// "Addresses".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/instance.h"

namespace kilonova {

// 128 bits; never logged. All zero is no key.
struct TicketKey {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const TicketKey&) const = default;
};

// From the first key that signs tokens, which the controller stores: one for each cloud, the same after a restart.
TicketKey ticket_key_of(std::string_view token_signing_key);

// 16 bytes, for a store; and back: no key for any other number of bytes.
std::string to_bytes(const TicketKey& key);
TicketKey ticket_key_in(std::string_view bytes);

// Never 0, which says that there is none.
uint64_t ticket_for(const PlacementId& placement, const TicketKey& key);

// SipHash-2-4 (Aumasson and Bernstein, 2012): a message authentication code for short messages.
uint64_t sip_hash(std::string_view message, const TicketKey& key);

}  // namespace kilonova
