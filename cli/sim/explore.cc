#include "cli/sim/explore.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "cli/sim/report.h"
#include "sim/fault_profile_file.h"

namespace kilonova::cli {
namespace {

constexpr uint64_t kSeedsWithoutHoles = 10'000;

struct SeedRange {
  uint64_t first = 0;
  uint64_t last = 0;
};

std::optional<SeedRange> parse_seeds(const std::string& text) {
  SeedRange range;
  const char* end = text.data() + text.size();
  auto first = std::from_chars(text.data(), end, range.first);
  if (first.ec != std::errc()) return std::nullopt;
  range.last = range.first;
  if (first.ptr != end) {
    if (!std::string_view(first.ptr, end).starts_with("..")) return std::nullopt;
    auto last = std::from_chars(first.ptr + 2, end, range.last);
    if (last.ec != std::errc() || last.ptr != end) return std::nullopt;
  }
  return range.first <= range.last ? std::optional(range) : std::nullopt;
}

// What a worker tells of its seeds, a line each: "run SEED OK|FAIL virtual_us launches tries", "why SEED text",
// "strike STEP COUNT fault".
void report_seed(FILE* out, const sim::RunResult& result, bool same) {
  bool ok = result.ok() && same;
  fmt::print(out, "run {} {} {} {} {} {}\n", result.options.seed, ok ? "OK" : "FAIL", result.virtual_time.us,
             result.acknowledged_creates, result.tries, result.faults);
  if (!same) fmt::print(out, "why {} the second run had another history\n", result.options.seed);
  for (const std::string& violation : result.violations) fmt::print(out, "why {} {}\n", result.options.seed, violation);
  for (const auto& [key, count] : result.strikes.counts())
    fmt::print(out, "strike {} {} {}\n", static_cast<int>(key.second), count, key.first);
  std::fflush(out);
}

// Every jobs-th seed of the range.
void work(const ExploreOptions& options, const SeedRange& range, uint32_t worker, FILE* out) {
  for (uint64_t seed = range.first + worker; seed <= range.last; seed += options.jobs) {
    sim::RunOptions run = options.run;
    run.seed = seed;
    auto result = sim::run_simulation(run);
    bool same = true;
    if (options.check_determinism) same = sim::run_simulation(run)->digest == result->digest;
    report_seed(out, *result, same);
    if ((!result->ok() || !same) && !options.keep_going) return;
  }
}

struct Totals {
  uint64_t runs = 0, launches = 0, tries = 0, faults = 0;
  int64_t virtual_us = 0;
  sim::Strikes strikes;
  std::vector<uint64_t> failed;
  std::vector<std::string> why;
};

void take_line(Totals& totals, const std::string& line) {
  char verdict[8] = "", rest[64] = "";
  unsigned long long seed = 0, launches = 0, tries = 0, faults = 0, count = 0;
  long long virtual_us = 0;
  int step = 0;
  if (std::sscanf(line.c_str(), "run %llu %7s %lld %llu %llu %llu", &seed, verdict, &virtual_us, &launches, &tries,
                  &faults) == 6) {
    totals.runs += 1;
    totals.launches += launches;
    totals.tries += tries;
    totals.faults += faults;
    totals.virtual_us += virtual_us;
    if (std::string_view(verdict) == "FAIL") totals.failed.push_back(seed);
  } else if (std::sscanf(line.c_str(), "strike %d %llu %63[^\n]", &step, &count, rest) == 3) {
    totals.strikes.add(rest, static_cast<LaunchStep>(step), count);
  } else if (line.starts_with("why ")) {
    totals.why.push_back(line.substr(4));
  }
}

// Runs the workers as processes of their own: a crash of one is a failure, not the end.
Expected<Totals> run_workers(const ExploreOptions& options, const SeedRange& range) {
  Totals totals;
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return fail(ErrorCode::kInternal, "no pipe for the workers");
  std::vector<pid_t> workers;
  std::fflush(stdout);
  for (uint32_t worker = 0; worker < options.jobs; ++worker) {
    pid_t pid = fork();
    if (pid < 0) return fail(ErrorCode::kInternal, "no process for a worker");
    if (pid == 0) {
      close(ends[0]);
      FILE* out = fdopen(ends[1], "w");
      setvbuf(out, nullptr, _IOLBF, 1 << 16);
      work(options, range, worker, out);
      std::fflush(out);
      _exit(0);
    }
    workers.push_back(pid);
  }
  close(ends[1]);
  FILE* in = fdopen(ends[0], "r");
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), in) != nullptr) {
    take_line(totals, buffer.data());
    if (isatty(1)) fmt::print(stderr, "\r{} of {} seeds", totals.runs, range.last - range.first + 1);
  }
  std::fclose(in);
  for (pid_t pid : workers) {
    int status = 0;
    waitpid(pid, &status, 0);
    if (status != 0) totals.why.push_back("a worker crashed");
  }
  return totals;
}

// A fault kind that never struck a step though it could: the search has a hole there.
bool report_gaps(const sim::Strikes& strikes) {
  bool hole = false;
  for (const sim::Gap& gap : sim::find_gaps(strikes)) {
    fmt::print("{} at {} {}{}\n", gap.fault, static_cast<int>(gap.step), to_string(gap.step),
               gap.reason.empty() ? ": never struck" : fmt::format(" cannot be: {}", gap.reason));
    hole |= gap.reason.empty();
  }
  return hole;
}

// Fewer faults, launches, hosts and processes, as long as it still fails.
sim::RunResult shrink(const sim::RunResult& failure) {
  sim::RunResult smallest = failure;
  auto try_with = [&](auto change) {
    sim::RunOptions options = smallest.options;
    change(options);
    auto result = sim::run_simulation(options);
    if (!result || result->ok()) return false;
    smallest = *std::move(result);
    return true;
  };
  if (auto file = sim::FaultProfileFile::load(smallest.options.faults))
    for (const std::string& key : file->keys()) try_with([&](auto& o) { o.without.push_back(key); });
  while (smallest.options.launches > 1 && try_with([](auto& o) { o.launches /= 2; })) continue;
  while (smallest.options.hosts > smallest.options.compute_processes &&
         try_with([](auto& o) { o.hosts = std::max(o.compute_processes, o.hosts / 2); }))
    continue;
  while (smallest.options.compute_processes > 1 && try_with([](auto& o) { o.compute_processes -= 1; })) continue;
  while (smallest.options.schedulers > 1 && try_with([](auto& o) { o.schedulers -= 1; })) continue;
  while (smallest.options.launches > 1 && try_with([](auto& o) { o.launches -= 1; })) continue;
  return smallest;
}

}  // namespace

Expected<int> explore(const ExploreOptions& options) {
  auto range = parse_seeds(options.seeds);
  if (!range || options.jobs == 0)
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no range of seeds such as 1..100", options.seeds));
  auto begun = std::chrono::steady_clock::now();
  sim::RunOptions probe = options.run;
  probe.launches = 0;
  if (auto valid = sim::run_simulation(probe); !valid) return std::unexpected(valid.error());
  auto totals = run_workers(options, *range);
  if (!totals) return std::unexpected(totals.error());
  double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  std::ranges::sort(totals->failed);
  fmt::print("{} seeds, {} launches, {} placements, {} faults, {:.0f} virtual s in {:.1f} s\n", totals->runs,
             totals->launches, totals->tries, totals->faults, static_cast<double>(totals->virtual_us) / 1e6, took);
  fmt::print("{}", table_of(totals->strikes));
  for (const std::string& why : totals->why) fmt::print("seed {}{}", why, why.ends_with('\n') ? "" : "\n");
  // Few seeds leave holes by chance; many must not.
  bool hole = options.run.faults == "swarm" && options.run.without.empty() && totals->runs >= kSeedsWithoutHoles &&
              report_gaps(totals->strikes);
  if (totals->failed.empty()) return totals->why.empty() && !hole ? 0 : 1;
  fmt::print("{} seeds failed:", totals->failed.size());
  for (uint64_t seed : totals->failed) fmt::print(" {}", seed);
  sim::RunOptions first = options.run;
  first.seed = totals->failed.front();
  fmt::print("\nreplay with: {}\n", sim::replay_command(first));
  if (options.no_shrink) return 1;
  auto failure = sim::run_simulation(first);
  if (!failure || failure->ok()) return 1;  // only the second history differed
  sim::RunResult smallest = shrink(*failure);
  fmt::print("smallest:    {}\n", sim::replay_command(smallest.options));
  for (const std::string& violation : smallest.violations) fmt::print("  {}\n", violation);
  return 1;
}

}  // namespace kilonova::cli
