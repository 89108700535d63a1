// Session: what a node remembers of one stream. Loop thread only; see node.h.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/source_counts.h"
#include "base/time.h"
#include "kilonova/v1/peer.pb.h"

namespace kilonova {

struct PeerState;

struct Session {
  enum class Stage {
    kHello,  // waits for the other side's hello
    kProof,  // accepted streams: hello was answered, waits for the proof
    kUp,     // carries messages of `peer`
    kOver,   // closed, or its peer came on another stream
  };

  Stage stage = Stage::kHello;
  PeerId other;  // who was dialed, or who said hello
  v1::Hello ours;
  v1::Hello theirs;
  std::string key;    // of the cluster secret, for these two roles
  std::string proof;  // of a dialer, for its next frame
  PeerState* peer = nullptr;
  CountedSource<std::string> greeting;  // of a stranger's stream that is read, until it carries messages
  Instant began;                        // the handshake
  Instant write_began;                  // the write under way
};

}  // namespace kilonova
