#include "api-server/http_counts.h"

#include <fmt/format.h>

#include <utility>

namespace kilonova::api {
namespace {

constexpr auto kRoots = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"identity", "identity"},
    {"compute", "compute"},
    {"image", "image"},
    {"networking", "network"},
    {"network", "network"},
    {"placement", "placement"},
    {"dashboard", "dashboard"},
    {"ec2", "ec2"},
    {"services", "ec2"},  // /services/Cloud, as Nova had it
});

}  // namespace

std::string_view http_service_of(std::string_view target) {
  if (target.starts_with('/')) target.remove_prefix(1);
  const std::string_view root = target.substr(0, target.find_first_of("/?"));
  for (auto [segment, service] : kRoots)
    if (segment == root) return service;
  return "other";
}

void HttpCounts::add(std::string_view target, unsigned status, Duration took) {
  Service& service = services_[http_service_of(target)];
  ++service.statuses[status];
  service.durations.add(took);
}

void HttpCounts::add_metrics(MetricPage& page) const {
  for (const auto& [name, service] : services_)
    for (const auto& [status, requests] : service.statuses)
      page.add(metric::kHttpRequests, static_cast<double>(requests),
               {name, status == 0 ? "none" : fmt::to_string(status)});
  for (const auto& [name, service] : services_) page.add(metric::kHttpDuration, service.durations, {name});
}

}  // namespace kilonova::api
