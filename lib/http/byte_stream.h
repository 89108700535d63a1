// ByteStream: one connection as the code above sockets sees it. It never blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kilonova::http {

enum class IoStatus {
  kDone,          // some bytes
  kWaitReadable,  // none now: wait until it is readable, and do the same again
  kWaitWritable,  // the same for writing; TLS may want either for either
  kEnd,           // the other side has ended, or the connection is broken
};

struct IoResult {
  IoStatus status = IoStatus::kEnd;
  size_t bytes = 0;
};

// Loop thread only.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual IoResult read(std::span<char> into) = 0;
  virtual IoResult write(std::string_view bytes) = 0;
  // Completes the wait of this id (PendingCalls) once the stream is readable, writable, or broken.
  virtual void wait(IoStatus direction, uint64_t id) = 0;
  // Nothing more will be written. The other side may still write.
  virtual void end_writing() = 0;
};

}  // namespace kilonova::http
