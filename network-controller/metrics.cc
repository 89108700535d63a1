#include "network-controller/metrics.h"

namespace kilonova::network {

void add_metrics(MetricPage& page, const NetworkCoreState& state) {
  page.add(metric::kNetworks, static_cast<double>(state.networks.all().size()));
  page.add(metric::kPorts, static_cast<double>(state.ports.all().size()));
  page.add(metric::kServersWithAddresses, static_cast<double>(state.holdings.size()));
  page.add(metric::kReleaseFences, static_cast<double>(state.holdings.fences()));
}

}  // namespace kilonova::network
