#include "metrics/process.h"

#include <gtest/gtest.h>
#include <time.h>

#include <cstdlib>
#include <string>

namespace kilonova {
namespace {

double value_of(const std::string& text, const std::string& name) {
  const size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

TEST(ProcessMetrics, AreOfThisProcess) {
  MetricPage page;
  add_process_metrics(page);
  const std::string text = page.text();
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1 << 20);
  EXPECT_GE(value_of(text, "process_cpu_seconds_total"), 0);
  EXPECT_GE(value_of(text, "process_open_fds"), 3);
  const double started = value_of(text, "process_start_time_seconds");
  const auto now = static_cast<double>(::time(nullptr));
  EXPECT_LE(started, now + 1);
  EXPECT_GT(started, now - 86'400) << "the process started today";
}

}  // namespace
}  // namespace kilonova
