// DashboardFront: the page that shows a cloud, over an ApiCore (docs/adr/0031-dashboard.md). The page's files are in
// the program; what it shows it asks of the core with its viewer's token, and follows by one stream of committed
// changes.
#pragma once

#include <cstddef>
#include <memory>

#include "api-server/core/api_core.h"
#include "http/message.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::api::dashboard {

struct DashboardOptions {
  size_t max_streams = 1'024;  // at once; more are 503
  size_t max_streams_of_user = 64;
};

// Loop thread only. Loop and core must outlive it, and it must outlive the flows of handle() and the streams that it
// has answered with.
class DashboardFront {
 public:
  DashboardFront(Loop& loop, ApiCore& core, DashboardOptions options = {});
  ~DashboardFront();
  DashboardFront(const DashboardFront&) = delete;
  DashboardFront& operator=(const DashboardFront&) = delete;

  // Whether a request is for this front: /dashboard and what is below it, and / of who asks for HTML. At / OpenStack's
  // clients get what they got without a dashboard.
  static bool takes(const http::Request& head);

  // Answers whatever is asked; never fails.
  Task<http::Response> handle(http::Request request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kilonova::api::dashboard
