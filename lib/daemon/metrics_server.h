// MetricsServer: GET /metrics on an address of its own (--metrics-listen), served on the daemon's loop.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "http/server.h"
#include "runtime/real_loop.h"
#include "runtime/task.h"

namespace kilonova {

// What GET /metrics and GET / of any daemon answer, and 404 and 405 for the rest. `page`: MetricPage::text() of now.
http::Response answer_scrape(const http::Request& request, const std::function<std::string()>& page);

// Loop thread, or the one that prepares or dismantles. The loop, and what `page` refers to, must outlive it. Whoever
// reaches the address may read: pages hold numbers and names of ours. Few connections at once, so that readers cost a
// daemon little.
class MetricsServer {
 public:
  MetricsServer(RealLoop& loop, std::function<std::string()> page);

  // "HOST:PORT"; port 0 takes any that is free. Errors name the option and the address: those of http::Server::listen.
  Expected<> listen(const std::string& address);
  // Where it listens: "127.0.0.1:9100".
  std::vector<std::string> addresses() const { return server_.addresses(); }
  void stop() { server_.stop(); }

 private:
  http::Server server_;
};

}  // namespace kilonova
