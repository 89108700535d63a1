// What is said and checked before a stream carries messages (proto/kilonova/v1/peer.proto). Plain functions.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/ids.h"
#include "kilonova/v1/peer.pb.h"

namespace kilonova {

// Everybody dials the controller; compute also the schedulers and the network-controller. So of two processes at most one
// dials the other.
bool dials(Role from, Role to);

PeerId peer_of(const v1::Hello& hello);

// kConflict for another protocol version (a stream's status FAILED_PRECONDITION), kInvalidArgument for a role, incarnation
// or nonce that can't be; messages say what is spoken here.
Expected<> check_hello(const v1::Hello& hello);

// 32 bytes from the system.
std::string random_nonce();

// HMAC-SHA256 with the key of the two roles (cluster_secret.h) over `side` ("dialer" or "server") and all that the two
// say.
std::string make_proof(std::string_view key, std::string_view side, const v1::Hello& dialer, const v1::Hello& server);
// In time that does not depend on where they differ.
bool same_proof(std::string_view a, std::string_view b);

}  // namespace kilonova
