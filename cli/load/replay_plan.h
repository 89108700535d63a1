// A recorded workload, read and put in order: which server is asked for when, and deleted when. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace kilonova::cli {

struct ReplayRequest {
  size_t line = 0;  // of the file, from 1
  std::string name;
  int64_t vcpus = 0;
  int64_t memory_mb = 0;
  int64_t disk_gb = 0;
  int64_t gpu_milli = 0;              // thousandths of GPUs, as the columns num_gpu and gpu_milli, or gpus, say; -1 =
                                      // what they say is no number from 0 to 1000
  Duration arrival;                   // on the file's own time axis
  std::optional<Duration> departure;  // absent = stays
};

// A row that says something no server can be, and what became of it.
struct ReplayNote {
  size_t line = 0;
  std::string name;
  std::string text;
  std::string server = {};  // uuid of the server that ended in ERROR; "" = there was none
};

struct ReplayAction {
  enum class Kind { kLaunch, kDelete };
  Duration time;
  Kind kind = Kind::kLaunch;
  size_t request = 0;  // index into ReplayPlan::requests
};

struct ReplayPlan {
  std::vector<ReplayRequest> requests;  // as in the file
  std::vector<ReplayAction>
      actions;  // in order of time; of one time: departures, arrivals as in the file, then departures
                // of those that leave as they come
  std::vector<ReplayNote> adjusted;  // launched, but not quite as the row says
  std::vector<ReplayNote> refused;   // not launched
  size_t gpu_requests = 0;           // rows that ask for GPUs, which are left out
  size_t rows = 0;
};

// Comma-separated (RFC 4180), the first line names the columns: name, vcpus, ram (or memory_mib, MiB), disk (GiB;
// optional), creation_time (or arrival; seconds; optional: all at 0) and deletion_time (or departure; seconds;
// optional, empty = stays). Alibaba's openb traces (name, cpu_milli, memory_mib, num_gpu, ...) are recognised.
// `columns` says which is which otherwise: "name=id,vcpus=cpu_milli/1000,ram=mem,created=start,deleted=end"; "/N"
// divides, rounding up.
//
// A row of zero vcpus or memory is launched with the least a flavor can have, and noted; one that ends before it
// begins, lacks a field or has a number that is none, is refused, and noted. Numbers may be written as 4, 4.5 or
// 1.0e+00. kInvalidArgument, with file and line: a file that is no such file at all, or has no row that can be
// launched.
Expected<ReplayPlan> plan_replay(std::string_view text, std::string_view file_name, std::string_view columns,
                                 bool ignore_departures);

// "replay.v12.m16384", with ".d20" behind it for a disk: one flavor for each size.
std::string replay_flavor_name(const ReplayRequest& request);

}  // namespace kilonova::cli
