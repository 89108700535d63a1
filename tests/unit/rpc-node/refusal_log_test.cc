// However many are refused, and whatever they claim to be, the log stays short.
#include "rpc/node/refusal_log.h"

#include <gtest/gtest.h>

namespace kilonova {
namespace {

TEST(RefusalLog, AMachinesRefusalsOfOneKindAreOneLineAMinute) {
  RefusalLog log;
  Instant now = Instant{} + seconds(1'000);
  EXPECT_EQ(log.admit("ipv4:10.0.0.1", ErrorCode::kPermissionDenied, now), 0u);
  for (int i = 0; i < 500; ++i)
    EXPECT_EQ(log.admit("ipv4:10.0.0.1", ErrorCode::kPermissionDenied, now + seconds(i % 60)), std::nullopt);
  EXPECT_EQ(log.admit("ipv4:10.0.0.1", ErrorCode::kUnauthenticated, now + seconds(59)), 500u);
  EXPECT_EQ(log.admit("ipv4:10.0.0.2", ErrorCode::kPermissionDenied, now + seconds(59)), 0u);
  EXPECT_EQ(log.admit("ipv4:10.0.0.1", ErrorCode::kPermissionDenied, now + seconds(60)), 0u);
}

TEST(RefusalLog, ManyMachinesShareWhatAMinuteHas) {
  RefusalLog log;
  size_t lines = 0;
  uint64_t told = 0;
  for (int i = 0; i < 10'000; ++i) {
    Instant now = Instant{} + seconds(1'000) + milliseconds(10 * i);  // 100 s
    if (auto others = log.admit("ipv6:" + std::to_string(i), ErrorCode::kUnauthenticated, now)) {
      ++lines;
      told += *others;
    }
    EXPECT_LE(log.remembered(), 2 * RefusalLog::kLinesAnInterval);
  }
  EXPECT_EQ(lines, 2 * RefusalLog::kLinesAnInterval);
  EXPECT_EQ(told, 6'000 - RefusalLog::kLinesAnInterval);
}

}  // namespace
}  // namespace kilonova
