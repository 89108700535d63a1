// Ec2Front: the EC2 API over an ApiCore (docs/adr/0028-ec2.md). It decides nothing: it finds out who asks, reads the
// parameters, asks the core, and writes the answer as EC2 would.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "api-server/core/api_core.h"
#include "http/message.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::api {
class ImageFiles;
}

namespace kilonova::api::ec2 {

// Loop thread only. Loop and core must outlive it, and it must outlive the flows of handle().
class Ec2Front {
 public:
  // Without `image_files` images have no bytes here; they must outlive it too.
  Ec2Front(Loop& loop, ApiCore& core, ImageFiles* image_files = nullptr);
  ~Ec2Front();
  Ec2Front(const Ec2Front&) = delete;
  Ec2Front& operator=(const Ec2Front&) = delete;

  // Whether a request is for this front, by its path: /ec2, or /services/Cloud as in Nova's first years.
  static bool takes(const http::Request& head);
  // Of a body: user data of 16 KiB in base64, and the rest.
  static constexpr size_t kMaxBodyBytes = 32 * 1024;

  // Answers whatever is asked; never fails.
  Task<http::Response> handle(http::Request request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kilonova::api::ec2
