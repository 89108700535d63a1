#include "metrics/metric_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "base/check.h"

namespace kilonova {
namespace {

prometheus::MetricType type_of(MetricType type) {
  switch (type) {
    case MetricType::kCounter: return prometheus::MetricType::Counter;
    case MetricType::kGauge: return prometheus::MetricType::Gauge;
    case MetricType::kHistogram: return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

std::vector<prometheus::ClientMetric::Label> labels_of(const Metric& metric, MetricPage::LabelValues values) {
  std::vector<prometheus::ClientMetric::Label> labels;
  std::string_view names = metric.labels;
  for (std::string_view value : values) {
    KN_CHECK(!names.empty(), "a metric was given more values than it has labels");
    const size_t end = std::min(names.find(','), names.size());
    labels.push_back({std::string(names.substr(0, end)), std::string(value)});
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  KN_CHECK(names.empty(), "a metric was given fewer values than it has labels");
  return labels;
}

}  // namespace

struct MetricPage::Families {
  std::vector<prometheus::MetricFamily> all;

  prometheus::ClientMetric& add(const Metric& metric, LabelValues values) {
    auto family = std::ranges::find(all, metric.name, &prometheus::MetricFamily::name);
    if (family == all.end()) {
      prometheus::MetricFamily fresh;
      fresh.name = metric.name;
      fresh.help = metric.help;
      fresh.type = type_of(metric.type);
      family = all.insert(all.end(), std::move(fresh));
    }
    prometheus::ClientMetric added;
    added.label = labels_of(metric, values);
    KN_CHECK(std::ranges::find(family->metric, added.label, &prometheus::ClientMetric::label) == family->metric.end(),
             "a metric was added twice with the same labels");
    return family->metric.emplace_back(std::move(added));
  }
};

MetricPage::MetricPage() : families_(std::make_unique<Families>()) {}
MetricPage::MetricPage(MetricPage&&) noexcept = default;
MetricPage::~MetricPage() = default;

void MetricPage::add(const Metric& metric, double value, LabelValues labels) {
  KN_CHECK(metric.type != MetricType::kHistogram, "a histogram has no single value");
  prometheus::ClientMetric& added = families_->add(metric, labels);
  (metric.type == MetricType::kCounter ? added.counter.value : added.gauge.value) = value;
}

void MetricPage::add_histogram(const Metric& metric, std::span<const int64_t> bounds,
                               std::span<const uint64_t> cumulative, uint64_t count, double sum, double unit,
                               LabelValues labels) {
  KN_CHECK(metric.type == MetricType::kHistogram, "counts by bounds are of a histogram");
  prometheus::ClientMetric::Histogram& added = families_->add(metric, labels).histogram;
  added.sample_count = count;
  added.sample_sum = sum;
  for (size_t i = 0; i < bounds.size(); ++i)
    added.bucket.push_back({cumulative[i], static_cast<double>(bounds[i]) * unit});
  added.bucket.push_back({count, std::numeric_limits<double>::infinity()});
}

std::string MetricPage::text() const { return prometheus::TextSerializer().Serialize(families_->all); }

}  // namespace kilonova
