// What each daemon's own file makes of what its core counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api-server/http_counts.h"
#include "compute-node/metrics.h"
#include "controller/metrics.h"
#include "network-controller/metrics.h"
#include "scheduler/metrics.h"

namespace kilonova {
namespace {

using ::testing::HasSubstr;

TEST(ControllerMetrics, EveryCountHasItsFamily) {
  controller::ControllerCounts counts;
  counts.launches = {.active = 7, .error = 2, .deleted = 1, .retries = 4};
  counts.claim_conflicts = 3;
  counts.strikes = {{"fail", 5}};
  counts.servers = {{VmState::kActive, 6}, {VmState::kError, 0}};
  counts.servers_in_transition = 8;
  counts.under_way = 9;
  counts.hosts = {.up = 10, .disabled = 11, .down = 12, .forced_down = 13};
  counts.revision = 14;
  MetricPage page;
  controller::add_metrics(page, counts);
  const std::string text = page.text();
  for (const char* line :
       {"kilonova_launches_total{result=\"active\"} 7\n", "kilonova_launches_total{result=\"error\"} 2\n",
        "kilonova_launches_total{result=\"deleted\"} 1\n", "kilonova_launch_retries_total 4\n",
        "kilonova_claim_conflicts_total 3\n", "kilonova_fault_strikes_total{effect=\"fail\"} 5\n",
        "kilonova_fault_strikes_total{effect=\"crash\"} 0\n", "kilonova_servers{state=\"active\"} 6\n",
        "kilonova_servers{state=\"error\"} 0\n", "kilonova_servers_in_transition 8\n",
        "kilonova_placements_under_way 9\n", "kilonova_hosts{state=\"up\"} 10\n",
        "kilonova_hosts{state=\"disabled\"} 11\n", "kilonova_hosts{state=\"down\"} 12\n",
        "kilonova_hosts{state=\"forced_down\"} 13\n", "kilonova_revision 14\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(ComputeMetrics, EverySizeHasItsFamily) {
  MetricPage page;
  compute::add_metrics(page, {.servers = 4, .unfinished = 3, .unconfirmed_releases = 2, .image_downloads = 1});
  const std::string text = page.text();
  for (const char* line : {"kilonova_guests 4\n", "kilonova_builds_under_way 3\n", "kilonova_unconfirmed_releases 2\n",
                           "kilonova_image_downloads_under_way 1\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(NetworkMetrics, EverySizeHasItsFamily) {
  network::NetworkTable networks;
  network::PortTable ports;
  network::Holdings holdings;
  network::MacPool macs;
  holdings.put(Uuid{}, {.epoch = 1});
  holdings.put_fence({Uuid{}, 3}, Instant{1});
  MetricPage page;
  network::add_metrics(page, {networks, ports, holdings, macs});
  const std::string text = page.text();
  for (const char* line : {"kilonova_networks 0\n", "kilonova_ports 0\n", "kilonova_servers_with_addresses 1\n",
                           "kilonova_release_fences 1\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(HttpMetrics, ServicesAreOursWhateverClientsSay) {
  EXPECT_EQ(api::http_service_of("/compute/v2.1/servers?x=1"), "compute");
  EXPECT_EQ(api::http_service_of("/networking/v2.0/ports"), "network");
  EXPECT_EQ(api::http_service_of("/identity"), "identity");
  EXPECT_EQ(api::http_service_of("/dashboard/v1/events"), "dashboard");
  EXPECT_EQ(api::http_service_of("/placement?x"), "placement");
  EXPECT_EQ(api::http_service_of("/ec2/"), "ec2");
  for (const char* other : {"", "/", "/metrics", "/computers", "/%63ompute", "*", "//compute", "/\n"})
    EXPECT_EQ(api::http_service_of(other), "other") << other;
}

TEST(HttpMetrics, RequestsAreCountedByServiceAndStatus) {
  api::HttpCounts counts;
  counts.add("/compute/v2.1", 200, milliseconds(1));
  counts.add("/compute/v2.1", 200, milliseconds(3));
  counts.add("/compute/nothing", 404, microseconds(10));
  counts.add("/image", 0, seconds(1));
  MetricPage page;
  counts.add_metrics(page);
  const std::string text = page.text();
  EXPECT_THAT(text, HasSubstr("kilonova_http_requests_total{service=\"compute\",status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("kilonova_http_requests_total{service=\"compute\",status=\"404\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("kilonova_http_requests_total{service=\"image\",status=\"none\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("kilonova_http_request_duration_seconds_count{service=\"compute\"} 3\n"));
}

}  // namespace
}  // namespace kilonova
