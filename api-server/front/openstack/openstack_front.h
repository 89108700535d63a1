// OpenstackFront: OpenStack's own HTTP APIs over an ApiCore: every service on one port, under DevStack's paths. It
// decides nothing: it finds the route, reads the request, asks the core, and writes the answer as the service would.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "api-server/core/api_core.h"
#include "http/message.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::api {
class ImageFiles;
}

namespace kilonova::api::openstack {

struct FrontOptions {
  // Where it is reached by a client that does not say it (no Host header).
  std::string address = "127.0.0.1:8774";
  ImageFiles* image_files = nullptr;  // where images' bytes are; must outlive the front
};

// Loop thread only. Loop and core must outlive it, and it must outlive the flows of handle().
class OpenstackFront {
 public:
  OpenstackFront(Loop& loop, ApiCore& core, FrontOptions options);
  ~OpenstackFront();
  OpenstackFront(const OpenstackFront&) = delete;
  OpenstackFront& operator=(const OpenstackFront&) = delete;

  // How long a body may be, of a request of which only the headers are there: a stranger's holds a log-in and no more.
  size_t max_body_bytes(const http::Request& head) const;
  // Where the body of such a request goes: an image's bytes, of somebody who may send some; nullptr = it is held.
  std::shared_ptr<http::BodySink> sink_of(const http::Request& head) const;
  // Answers whatever is asked; never fails.
  Task<http::Response> handle(http::Request request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kilonova::api::openstack
