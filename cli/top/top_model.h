// What `kilonova top` shows: the fleet and the launches, as committed changes tell of them, and one frame of text of it.
// Pure; one thread at a time. Everything is bounded, however long it watches.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/launch_steps.h"
#include "kilonova/v1/cloud_admin.pb.h"
#include "kilonova/v1/cloud_servers.pb.h"

namespace kilonova::cli {

struct FrameStyle {
  size_t width = 80;  // at least kLeastFrameWidth; no line is wider
  size_t height = 0;  // at most so many lines; 0 = as many as there are
  bool colored = false;
};
inline constexpr size_t kLeastFrameWidth = 20;

class TopModel {
 public:
  // `where`: what is looked at, for the first line.
  explicit TopModel(std::string where) : where_(std::move(where)) {}

  // In the order of the stream.
  void take(const v1::WatchEvent& event);
  // Servers that were building, or in ERROR, before the first event.
  void take_earlier(const v1::Server& server);
  void take_status(const v1::CloudStatus& status) { status_ = status; }
  // Whole; administrators alone may see it.
  void take_hosts(const v1::ListHostsReply& hosts);
  // Events were missed: what is under way is no longer known.
  void forget_launches();

  // Lines with a newline each. Nothing that a stranger named can drive the terminal.
  std::string frame(const FrameStyle& style, WallTime now) const;

  static constexpr Duration kStuckAfter = seconds(10);
  static constexpr size_t kRateSeconds = 10;
  static constexpr size_t kMaxLaunches = 50'000;  // under way
  static constexpr size_t kMaxEnded = 5'000;      // that percentiles are of
  static constexpr size_t kMaxFailures = 50;

 private:
  static constexpr size_t kSteps = 13;
  // By number - 1; 0 = was not told.
  using StepTimes = std::array<int64_t, kSteps>;
  struct Launch {
    std::string name;
    std::string host;
    int64_t begun_us = 0;
    int64_t heard_us = 0;
    uint64_t epoch = 0;
    uint32_t attempt = 1;
    size_t step = 0;     // the last one that was told, 0 = none
    bool whole = false;  // seen from its beginning
    StepTimes steps{};
  };
  struct Failure {
    int64_t time_us = 0;
    std::string name;
    std::string fault;
  };
  struct Counts {
    uint64_t begun = 0;
    uint64_t active = 0;
    uint64_t failed = 0;
  };
  // One line and how it is painted.
  struct Line;
  class Page;

  void count(int64_t time_us, uint64_t Counts::* what);
  void begin(const v1::WatchEvent& event);
  static void reach(Launch& launch, const v1::WatchEvent& event);
  void end(const std::string& id, const v1::WatchEvent& event);
  void note_failure(Failure failure);

  void add_head(Page& page, WallTime now) const;
  void add_hosts(Page& page) const;
  void add_launches(Page& page, WallTime now) const;
  void add_steps(Page& page) const;
  void add_stuck(Page& page, WallTime now) const;
  void add_failures(Page& page) const;

  std::string where_;
  std::optional<v1::CloudStatus> status_;
  std::optional<v1::ListHostsReply> hosts_;
  std::map<std::string, Launch> under_way_;  // by id
  std::deque<StepTimes> ended_;              // since the launch began, microseconds; newest last
  std::map<int64_t, Counts> seconds_;        // the newest
  Counts all_;
  std::deque<Failure> failures_;  // newest first
};

}  // namespace kilonova::cli
