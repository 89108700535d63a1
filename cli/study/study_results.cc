#include "cli/study/study_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace kilonova::cli {
namespace {

using study::FleetReading;
using study::RunResult;

const FleetReading& at_end(const RunResult& run) { return run.samples.back().fleet; }

constexpr size_t kVcpus = 0, kMemory = 1, kThird = 2;

template <size_t kResource>
double allocated_at_end(const RunResult& run) {
  return at_end(run).allocated[kResource];
}
template <size_t kResource>
double allocated_mean(const RunResult& run) {
  return run.mean.allocated[kResource];
}
template <size_t kResource>
double packing_at_end(const RunResult& run) {
  return at_end(run).packing[kResource];
}
template <size_t kResource>
double packing_mean(const RunResult& run) {
  return run.mean.packing[kResource];
}
template <size_t kResource>
double stranded_at_end(const RunResult& run) {
  return at_end(run).stranded[kResource];
}
template <size_t kResource>
double stranded_mean(const RunResult& run) {
  return run.mean.stranded[kResource];
}

std::vector<Figure> make_figures() {
  return {
      {"placed", "placed", false, false, [](const RunResult& run) { return static_cast<double>(run.placed); }},
      {"refused", "refused", false, false, [](const RunResult& run) { return static_cast<double>(run.refused); }},
      {"conflicts", "conflicts", false, false, [](const RunResult& run) { return static_cast<double>(run.conflicts); }},
      {"empty_hosts_at_end", "empty hosts, at end", true, false,
       [](const RunResult& run) { return at_end(run).empty_hosts; }},
      {"empty_hosts_mean", "empty hosts, mean", true, false, [](const RunResult& run) { return run.mean.empty_hosts; }},
      {"vcpus_allocated_at_end", "vCPUs allocated, at end", true, false, allocated_at_end<kVcpus>},
      {"vcpus_allocated_mean", "vCPUs allocated, mean", true, false, allocated_mean<kVcpus>},
      {"vcpus_packing_at_end", "vCPUs packing, at end", true, false, packing_at_end<kVcpus>},
      {"vcpus_packing_mean", "vCPUs packing, mean", true, false, packing_mean<kVcpus>},
      {"vcpus_stranded_at_end", "vCPUs stranded, at end", true, false, stranded_at_end<kVcpus>},
      {"vcpus_stranded_mean", "vCPUs stranded, mean", true, false, stranded_mean<kVcpus>},
      {"memory_allocated_at_end", "memory allocated, at end", true, false, allocated_at_end<kMemory>},
      {"memory_allocated_mean", "memory allocated, mean", true, false, allocated_mean<kMemory>},
      {"memory_packing_at_end", "memory packing, at end", true, false, packing_at_end<kMemory>},
      {"memory_packing_mean", "memory packing, mean", true, false, packing_mean<kMemory>},
      {"memory_stranded_at_end", "memory stranded, at end", true, false, stranded_at_end<kMemory>},
      {"memory_stranded_mean", "memory stranded, mean", true, false, stranded_mean<kMemory>},
      {"third_allocated_at_end", "{} allocated, at end", true, true, allocated_at_end<kThird>},
      {"third_allocated_mean", "{} allocated, mean", true, true, allocated_mean<kThird>},
      {"third_packing_at_end", "{} packing, at end", true, true, packing_at_end<kThird>},
      {"third_packing_mean", "{} packing, mean", true, true, packing_mean<kThird>},
      {"third_stranded_at_end", "{} stranded, at end", true, true, stranded_at_end<kThird>},
      {"third_stranded_mean", "{} stranded, mean", true, true, stranded_mean<kThird>},
  };
}

}  // namespace

Spread spread_of(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  Spread spread{.least = std::ranges::min(values), .most = std::ranges::max(values)};
  for (double value : values) spread.mean += value / n;
  for (double value : values) spread.deviation += (value - spread.mean) * (value - spread.mean);
  spread.deviation = values.size() > 1 ? std::sqrt(spread.deviation / (n - 1)) : 0;
  return spread;
}

const std::vector<Figure>& study_figures() {
  static const std::vector<Figure> kFigures = make_figures();
  return kFigures;
}

Spread spread_of(const SettingResults& setting, const Figure& figure) {
  std::vector<double> values;
  for (const RunResult& run : setting.runs) values.push_back(figure.of(run));
  return spread_of(values);
}

std::string title_of(const Figure& figure, bool has_gpus) {
  std::string title(figure.title);
  if (title.starts_with("{}")) title.replace(0, 2, has_gpus ? "GPUs" : "disk");
  return title;
}

double decision_ns(const SettingResults& setting, double share) {
  std::vector<uint32_t> all;
  for (const RunResult& run : setting.runs) all.insert(all.end(), run.decision_ns.begin(), run.decision_ns.end());
  if (all.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(all.size())));
  const auto place = all.begin() + static_cast<ptrdiff_t>(std::clamp<size_t>(rank, 1, all.size()) - 1);
  std::ranges::nth_element(all, place);
  return static_cast<double>(*place);
}

StudyResults run_all(const StudyFile& file, const study::Workload& workload, size_t threads,
                     const study::ReadClock& clock, const std::function<void(size_t done, size_t all)>& progress) {
  StudyResults results{.file = file, .hosts = workload.hosts.size(), .requests = workload.requests.size()};
  const auto events = study::events_of(workload.requests);
  results.span = events.back().time - events.front().time;
  results.departures = events.size() - workload.requests.size();
  const size_t seeds = static_cast<size_t>(file.seeds());
  for (const StudySetting& setting : file.settings)
    results.settings.push_back({setting.name, std::vector<RunResult>(seeds)});
  const size_t all = seeds * file.settings.size();
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  std::condition_variable is_done;
  size_t done = 0;  // guarded by the mutex
  // Each run is its own world: which thread it is on changes nothing.
  auto work = [&] {
    for (size_t run = next++; run < all; run = next++) {
      study::RunOptions options = file.settings[run / seeds].options;
      options.seed = file.first_seed + run % seeds;
      results.settings[run / seeds].runs[run % seeds] = study::run_study(workload, options, clock);
      const std::lock_guard lock(mutex);
      ++done;
      is_done.notify_one();
    }
  };
  std::vector<std::jthread> workers;
  for (size_t i = 0; i < std::clamp<size_t>(threads, 1, all); ++i) workers.emplace_back(work);
  std::unique_lock lock(mutex);
  for (size_t told = 0; told < all; told = done) {
    is_done.wait(lock, [&] { return done > told; });
    if (progress) progress(done, all);
  }
  return results;
}

std::vector<std::string> refusal_reasons(const StudyResults& results) {
  std::map<std::string, uint64_t> counts;
  for (const SettingResults& setting : results.settings)
    for (const RunResult& run : setting.runs)
      for (const auto& [reason, count] : run.refusals) counts[reason] += count;
  std::vector<std::string> reasons;
  for (const auto& [reason, count] : counts) reasons.push_back(reason);
  std::ranges::sort(reasons, [&](const std::string& a, const std::string& b) {
    return std::pair(counts[b], a) < std::pair(counts[a], b);
  });
  return reasons;
}

}  // namespace kilonova::cli
