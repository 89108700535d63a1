// StreamEvents: what a node hears of its streams.
#pragma once

#include <memory>

#include "base/error.h"

namespace kilonova {

class Stream;
struct IncomingFrame;
using StreamPtr = std::shared_ptr<Stream>;

// On the loop, in order for each stream; none before the function that brought it about has returned. The owner must
// outlive its streams: it waits for the last event of each.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  // Nothing is read before begin_reading().
  virtual void on_stream_accepted(const StreamPtr& stream) = 0;
  // Not after the stream was closed.
  virtual void on_stream_frame(const StreamPtr& stream, IncomingFrame& frame) = 0;
  // The last write left, and the next may begin. Not after the stream was closed.
  virtual void on_stream_written(const StreamPtr& stream) = 0;
  // Once, last. A stream that the owner closed itself reports so too.
  virtual void on_stream_closed(const StreamPtr& stream, const Error& why) = 0;
};

}  // namespace kilonova
