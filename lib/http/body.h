// Bodies that are too big to be held: they pass through in pieces. Loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "runtime/task.h"

namespace kilonova::http {

// Where a request's body goes piece by piece as it comes. The connection reads on when a piece was taken, so that a
// sender is never faster than what takes its bytes.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // Never fails: a sink that cannot take more remembers why, for the handler of the whole request.
  virtual Task<void> write(std::string bytes) = 0;
};

// Where a response's body comes from piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // The next bytes, at most `most`; "" is the end. After an error the connection is closed, so that the client sees
  // that it has not all.
  virtual Task<Expected<std::string>> read(size_t most) = 0;
};

struct Request;
// The sink of a request of which only the headers are there; nullptr = its body is held. Asked once a request.
using SinkOf = std::function<std::shared_ptr<BodySink>(const Request& head)>;

}  // namespace kilonova::http
