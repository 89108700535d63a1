#include "compute-node/metrics.h"

namespace kilonova::compute {

void add_metrics(MetricPage& page, const ComputeSizes& sizes) {
  page.add(metric::kGuests, static_cast<double>(sizes.servers));
  page.add(metric::kBuilds, static_cast<double>(sizes.unfinished));
  page.add(metric::kImageDownloads, static_cast<double>(sizes.image_downloads));
  page.add(metric::kAddressReleases, static_cast<double>(sizes.unconfirmed_releases));
}

}  // namespace kilonova::compute
