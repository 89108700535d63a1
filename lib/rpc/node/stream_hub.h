// StreamHub: what a node shares with its streams, and the only thing of it that gRPC's threads touch. It outlives the node,
// so that a stream which ends late finds a closed door instead of freed memory.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "base/error.h"
#include "runtime/real_loop.h"

namespace kilonova {

class Stream;
struct IncomingFrame;
using StreamPtr = std::shared_ptr<Stream>;

// Events of streams; on the loop thread, in order for each stream. None after StreamHub::close().
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  virtual void on_stream_accepted(const StreamPtr& stream) = 0;
  // Not after the stream was closed.
  virtual void on_stream_frame(const StreamPtr& stream, IncomingFrame& frame) = 0;
  // The last write left, and the next may begin. Not after the stream was closed.
  virtual void on_stream_written(const StreamPtr& stream) = 0;
  // Once, last. A stream that the owner closed itself reports so too.
  virtual void on_stream_closed(const StreamPtr& stream, const Error& why) = 0;
};

class StreamHub {
 public:
  StreamHub(RealLoop& loop, StreamEvents& events) : loop_(loop), events_(&events) {}

  // ---- any thread

  // Runs the callback on the loop; false, and it is dropped, once the hub is closed.
  bool post(Callback callback);
  // False once the hub is closed.
  bool enter(StreamPtr stream);
  // Of a stream that gRPC is done with, its last reference on gRPC's side: `last_event` runs on the loop, if that is still
  // wanted, and the stream is destroyed there. Not in gRPC's thread: with a stream goes its channel, and with the last channel
  // of a process gRPC waits for its threads, which one of them can't do.
  void leave(StreamPtr stream, void (*last_event)(const StreamPtr& stream, StreamEvents& events));

  // ---- loop thread

  // Null once the hub is closed.
  StreamEvents* events() const { return events_; }
  // No event, no post, no new stream from here on. Returns the streams that have not left.
  std::vector<StreamPtr> close();
  // Waits until every stream has left, and destroys those that nobody holds. Each must have been closed.
  void wait_until_empty();

 private:
  RealLoop& loop_;
  StreamEvents* events_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable emptied_;
  bool closed_ = false;
  std::set<StreamPtr> streams_;
  std::vector<StreamPtr> left_;  // after close()
};

}  // namespace kilonova
