#include "cli/sim/explore.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

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

SeedWork work_of(const ExploreOptions& options) {
  SeedWork work;
  work.simulate = options.simulate;
  work.run = options.run;
  work.twice = options.check_determinism;
  work.stop_at_failure = !options.keep_going;
  work.time_limit = options.time_limit;
  return work;
}

// The processes at work, each with every jobs-th seed of the range.
class Pool {
 public:
  Pool(const ExploreOptions& options, const SeedRange& range) : options_(options), range_(range) {}

  Expected<ExploreResult> run() {
    uint64_t seeds = range_.last - range_.first;  // less one, which may be all there are
    jobs_ = std::min<uint64_t>(options_.jobs, seeds + (seeds < UINT64_MAX ? 1 : 0));
    for (uint64_t job = 0; job < jobs_; ++job)
      if (auto started = start(range_.first + job); !started) return std::unexpected(started.error());
    while (!processes_.empty())
      if (auto waited = wait(); !waited) return std::unexpected(waited.error());
    std::ranges::sort(result_.failures, {}, [](const Failure& failure) { return failure.outcome.seed; });
    return std::move(result_);
  }

 private:
  Expected<> start(uint64_t first) {
    SeedWork work = work_of(options_);
    work.first = first;
    work.last = range_.last;
    work.stride = jobs_;
    auto process = SeedProcess::start(std::move(work));
    if (!process) return std::unexpected(process.error());
    processes_.push_back(*std::move(process));
    return {};
  }

  // For what any of them tells next.
  Expected<> wait() {
    std::vector<pollfd> ends;
    for (const auto& process : processes_) ends.push_back({process->descriptor(), POLLIN, 0});
    if (poll(ends.data(), ends.size(), -1) < 0) return {};  // a signal: again
    for (size_t i = ends.size(); i-- > 0;) {
      if (ends[i].revents == 0) continue;
      std::vector<SeedOutcome> outcomes;
      bool ended = !processes_[i]->read(outcomes);
      for (SeedOutcome& outcome : outcomes) take(std::move(outcome));
      if (!result_.failures.empty() && !options_.keep_going) {
        processes_.clear();  // which kills them
        return {};
      }
      if (!ended) continue;
      std::optional<uint64_t> next = processes_[i]->next_seed();
      processes_.erase(processes_.begin() + static_cast<std::ptrdiff_t>(i));
      if (!next) continue;
      if (auto started = start(*next); !started) return started;
    }
    return {};
  }

  void take(SeedOutcome outcome) {
    result_.runs += 1;
    result_.launches += outcome.launches;
    result_.tries += outcome.tries;
    result_.faults += outcome.faults;
    result_.virtual_time = result_.virtual_time + outcome.virtual_time;
    result_.strikes.add(outcome.strikes);
    for (const auto& [name, faults] : outcome.branches) {
      ExploreResult::BranchCount& count = result_.branches[name];
      count.seeds += 1;
      for (const std::string& fault : faults) count.behind[fault] += 1;
    }
    if (options_.progress) options_.progress(result_.runs, range_.last - range_.first + 1);
    if (outcome.ok()) return;
    Failure failure;
    failure.options = options_.run;
    failure.options.seed = outcome.seed;
    failure.outcome = std::move(outcome);
    result_.failures.push_back(std::move(failure));
  }

  const ExploreOptions& options_;
  const SeedRange range_;
  uint64_t jobs_ = 1;
  std::vector<std::unique_ptr<SeedProcess>> processes_;
  ExploreResult result_;
};

sim::ReachedBehind reached_behind(const ExploreResult& result) {
  sim::ReachedBehind reached;
  for (const auto& [name, count] : result.branches) reached[name] = count.behind;
  return reached;
}

}  // namespace

bool ExploreResult::ok() const {
  return failures.empty() && std::ranges::all_of(gaps, [](const sim::Gap& gap) { return !gap.reason.empty(); }) &&
         ((unreached.empty() && unmet.empty()) || !requires_branches);
}

Expected<ExploreResult> explore(const ExploreOptions& options) {
  auto range = parse_seeds(options.seeds);
  if (!range)
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no range of seeds such as 1..100", options.seeds));
  if (options.jobs == 0 || options.jobs > 1000)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} jobs cannot be: say 1 to 1000", options.jobs));
  if (auto valid = sim::check_options(options.run); !valid) return std::unexpected(valid.error());
  auto begun = std::chrono::steady_clock::now();
  auto result = Pool(options, *range).run();
  if (!result) return result;
  auto took = std::chrono::steady_clock::now() - begun;
  result->real_time = microseconds(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  for (const std::string& name : options.branches)
    if (!result->branches.contains(name)) result->unreached.push_back(name);
  // Few seeds leave holes by chance; many must not.
  const bool is_long =
      options.run.faults == "swarm" && options.run.without.empty() && result->runs >= kSeedsWithoutHoles;
  if (is_long) result->gaps = sim::find_gaps(result->strikes);
  result->requires_branches = is_long || options.require_sometimes;
  if (result->requires_branches) result->unmet = sim::find_unmet(options.pairs, reached_behind(*result));
  if (result->failures.empty() || options.no_shrink) return result;
  if (result->failures.front().outcome.hung) return result;  // every try would take as long
  auto smallest = shrink(result->failures.front(), work_of(options));
  if (!smallest) return std::unexpected(smallest.error());
  result->smallest = *std::move(smallest);
  return result;
}

}  // namespace kilonova::cli
