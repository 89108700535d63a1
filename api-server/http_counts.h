// HttpCounts: the api-server's HTTP requests, for metrics.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "base/histogram.h"
#include "base/time.h"
#include "metrics/metric_page.h"

namespace kilonova::api {

// Whose a path is: "identity", "compute", "image", "network", "placement", "ec2"; "other" for what none of them has. Of
// what clients say nothing else is counted by.
std::string_view http_service_of(std::string_view target);

// Loop thread only.
class HttpCounts {
 public:
  // `status`: 0 where the connection was ended without an answer. `took`: from the whole request on.
  void add(std::string_view target, unsigned status, Duration took);
  void add_metrics(MetricPage& page) const;

 private:
  struct Service {
    std::map<unsigned, uint64_t> statuses;
    DurationCounts durations;
  };
  std::map<std::string_view, Service> services_;
};

}  // namespace kilonova::api
