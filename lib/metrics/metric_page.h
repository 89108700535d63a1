// MetricPage: what one scrape shows, in Prometheus' text format.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/histogram.h"
#include "metrics/metric.h"

namespace kilonova {

// A value of its own; any thread, one at a time. Metrics come out in the order in which they were first added. A wrong
// type, another number of labels than the metric has, or the same labels twice, is a mistake in our code: a KN_CHECK.
class MetricPage {
 public:
  using LabelValues = std::initializer_list<std::string_view>;

  MetricPage();
  MetricPage(MetricPage&&) noexcept;
  ~MetricPage();

  // Of a counter or gauge.
  void add(const Metric& metric, double value, LabelValues labels = {});
  // Of a histogram. `unit`: what one of the counted things is of the metric's unit.
  template <const auto& Bounds>
  void add(const Metric& metric, const Histogram<Bounds>& counts, double unit, LabelValues labels = {}) {
    uint64_t cumulative[Histogram<Bounds>::kBounds];
    for (size_t i = 0; i < std::size(cumulative); ++i) cumulative[i] = counts.up_to(i);
    add_histogram(metric, Bounds, cumulative, counts.count(), static_cast<double>(counts.sum()) * unit, unit, labels);
  }
  void add(const Metric& metric, const DurationCounts& counts, LabelValues labels = {}) {
    add(metric, counts, 1e-6, labels);
  }
  void add(const Metric& metric, const SizeCounts& counts, LabelValues labels = {}) { add(metric, counts, 1, labels); }

  std::string text() const;

  // Of text(), as Prometheus wants it named.
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Families;

  void add_histogram(const Metric& metric, std::span<const int64_t> bounds, std::span<const uint64_t> cumulative,
                     uint64_t count, double sum, double unit, LabelValues labels);

  std::unique_ptr<Families> families_;
};

}  // namespace kilonova
