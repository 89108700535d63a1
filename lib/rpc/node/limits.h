// Limits of the protocol between daemons (proto/kilonova/v1/peer.proto).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/source_counts.h"
#include "base/time.h"

namespace kilonova {

// Raised with every change that an older process would misread.
inline constexpr uint32_t kProtocolVersion = 3;

// A frame is closed at either; a single message may be longer than the second, up to the third.
inline constexpr int kMaxFrameMessages = 4096;
inline constexpr size_t kMaxFrameBytes = 1 << 20;
inline constexpr size_t kMaxEnvelopeBytes = 15 << 20;

// Until a stream carries messages: a hello, a proof. And so many strangers are read at once, so many from one address.
inline constexpr size_t kMaxGreetingBytes = 8 << 10;
inline constexpr SourceCounts<std::string>::Limits kGreetings{.all = 8, .of_source = 2};

// Acknowledgements ride data frames. Where there are none, one goes after so many messages, or this long after the first.
inline constexpr uint64_t kAckEvery = 512;
inline constexpr Duration kAckDelay = milliseconds(20);

inline constexpr Duration kHandshakeTimeout = seconds(5);
// A write that makes no progress for so long: the other side is frozen. (Keepalive can't say so while a write blocks.)
inline constexpr Duration kWriteTimeout = seconds(15);
// The end of a stream waits so long for a write under way.
inline constexpr Duration kWriteGrace = seconds(1);
inline constexpr Duration kWatchInterval = seconds(2);

// Between looks at the file of partitions.
inline constexpr Duration kPartitionsInterval = milliseconds(100);

inline constexpr Duration kFirstBackoff = milliseconds(20);
inline constexpr Duration kLongestBackoff = seconds(2);

}  // namespace kilonova
