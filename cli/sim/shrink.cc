#include "cli/sim/shrink.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/fault_profile_file.h"

namespace kilonova::cli {
namespace {

class Shrinker {
 public:
  Shrinker(Failure failure, const SeedWork& work) : smallest_(std::move(failure)), work_(work) {}

  Expected<Failure> run() {
    if (auto file = sim::FaultProfileFile::load(smallest_.options.faults))
      for (const std::string& key : file->keys())
        if (std::ranges::find(smallest_.options.without, key) == smallest_.options.without.end())
          fails_with([&](sim::RunOptions& o) { o.without.push_back(key); });
    while (smallest_.options.launches > 1 && fails_with([](sim::RunOptions& o) { o.launches /= 2; })) continue;
    take_hosts();
    while (smallest_.options.compute_processes > 1 && fails_with([](sim::RunOptions& o) { o.compute_processes -= 1; }))
      continue;
    take_hosts();  // each process had to have one
    while (smallest_.options.schedulers > 1 && fails_with([](sim::RunOptions& o) { o.schedulers -= 1; })) continue;
    while (smallest_.options.launches > 1 && fails_with([](sim::RunOptions& o) { o.launches -= 1; })) continue;
    if (broken_) return std::unexpected(*broken_);
    return std::move(smallest_);
  }

 private:
  void take_hosts() {
    while (smallest_.options.hosts > smallest_.options.compute_processes &&
           fails_with([](sim::RunOptions& o) { o.hosts = std::max(o.compute_processes, o.hosts / 2); }))
      continue;
  }
  // Whether it fails alike after the change; then that is the smallest so far.
  template <class Change>
  bool fails_with(Change change) {
    if (broken_) return false;
    Failure smaller;
    smaller.options = smallest_.options;
    change(smaller.options);
    SeedWork work = work_;
    work.run = smaller.options;
    work.first = work.last = smaller.options.seed;
    auto process = SeedProcess::start(std::move(work));
    if (!process) {
      broken_ = process.error();
      return false;
    }
    std::vector<SeedOutcome> outcomes;
    while ((*process)->read(outcomes)) continue;
    if (outcomes.empty() || !same_failure(outcomes.front(), smallest_.outcome)) return false;
    smaller.outcome = std::move(outcomes.front());
    smallest_ = std::move(smaller);
    return true;
  }

  Failure smallest_;
  const SeedWork& work_;
  std::optional<Error> broken_;
};

}  // namespace

Expected<Failure> shrink(Failure failure, const SeedWork& work) { return Shrinker(std::move(failure), work).run(); }

}  // namespace kilonova::cli
