#include "cli/top/top_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "cli/load/latency.h"
#include "cli/output/color.h"
#include "cli/output/progress.h"
#include "cli/output/text.h"
#include "cli/output/views.h"

namespace kilonova::cli {
namespace {

constexpr size_t kListed = 5;  // stuck launches and failures, where the height allows it

int64_t second_of(int64_t time_us) { return time_us / 1'000'000; }

std::string percent(double part, double whole) { return fmt::format("{:.0f} %", whole > 0 ? 100 * part / whole : 0); }

// "[████▌     ]", of ten columns.
std::string gauge(double share) {
  const auto eighths = static_cast<size_t>(std::clamp(share, 0.0, 1.0) * 80);
  const std::string filled = bar(eighths);
  return "[" + filled + std::string(10 - std::min<size_t>(10, display_width(filled)), ' ') + "]";
}

std::string span(int64_t us) { return us > 0 ? format_duration(Duration{us}) : "-"; }

}  // namespace

struct TopModel::Line {
  std::string text;
  Tone tone = Tone::kPlain;
};

class TopModel::Page {
 public:
  void add(std::string text, Tone tone = Tone::kPlain) { lines_.push_back({std::move(text), tone}); }
  void add_title(std::string text) {
    lines_.push_back({"", Tone::kPlain});
    lines_.push_back({std::move(text), Tone::kTitle});
  }

  std::string text(const FrameStyle& style) const {
    const size_t width = std::max(style.width, kLeastFrameWidth);
    std::string text;
    for (size_t i = 0; i < lines_.size() && (style.height == 0 || i < style.height); ++i)
      text += painted(cut_to_width(one_line(lines_[i].text), width), lines_[i].tone, style.colored) + "\n";
    return text;
  }

 private:
  std::vector<Line> lines_;
};

void TopModel::count(int64_t time_us, uint64_t Counts::* what) {
  ++(seconds_[second_of(time_us)].*what);
  ++(all_.*what);
  while (seconds_.size() > 2 * kRateSeconds) seconds_.erase(seconds_.begin());
}

void TopModel::take(const v1::WatchEvent& event) {
  auto launch = under_way_.find(event.server_id());
  if (event.deleted()) {
    if (launch != under_way_.end()) under_way_.erase(launch);
    return;
  }
  if (event.status() == "BUILD") {
    if (launch == under_way_.end()) {
      begin(event);
      launch = under_way_.find(event.server_id());
    }
    if (launch != under_way_.end()) reach(launch->second, event);
  } else if (launch != under_way_.end()) {
    reach(launch->second, event);
    end(event.server_id(), event);
  } else if (event.status() == "ERROR") {
    note_failure({event.time_us(), event.name(), event.fault()});
  }
}

// Who was not there at its beginning does not know how long it took.
void TopModel::begin(const v1::WatchEvent& event) {
  if (under_way_.size() >= kMaxLaunches) return;
  Launch launch{.begun_us = event.time_us()};
  launch.whole = event.step() <= static_cast<int>(LaunchStep::kScheduleCast) && event.attempt() <= 1;
  if (launch.whole) count(event.time_us(), &Counts::begun);
  under_way_.emplace(event.server_id(), std::move(launch));
}

void TopModel::reach(Launch& launch, const v1::WatchEvent& event) {
  if (event.epoch() != launch.epoch) launch.steps = {};
  launch.name = event.name();
  launch.host = event.host();
  launch.epoch = event.epoch();
  launch.attempt = std::max({event.attempt(), launch.attempt, 1U});
  launch.heard_us = event.time_us();
  if (event.step() < 1 || event.step() > static_cast<int>(kSteps)) return;
  launch.step = static_cast<size_t>(event.step());
  int64_t& reached = launch.steps[launch.step - 1];
  if (reached == 0) reached = event.time_us() - launch.begun_us;
}

void TopModel::end(const std::string& id, const v1::WatchEvent& event) {
  auto found = under_way_.find(id);
  Launch launch = std::move(found->second);
  under_way_.erase(found);
  if (event.status() == "ERROR") {
    count(event.time_us(), &Counts::failed);
    note_failure({event.time_us(), event.name(), event.fault()});
    return;
  }
  count(event.time_us(), &Counts::active);
  if (!launch.whole) return;
  launch.steps[kSteps - 1] = event.time_us() - launch.begun_us;
  ended_.push_back(launch.steps);
  if (ended_.size() > kMaxEnded) ended_.pop_front();
}

void TopModel::note_failure(Failure failure) {
  std::erase_if(failures_, [&](const Failure& known) { return known.name == failure.name; });
  failures_.push_front(std::move(failure));
  std::ranges::sort(failures_, std::greater(), &Failure::time_us);
  if (failures_.size() > kMaxFailures) failures_.pop_back();
}

void TopModel::take_earlier(const v1::Server& server) {
  if (server.status() == "ERROR") {
    note_failure({server.updated_at_us(), server.name(), cause_of(server)});
  } else if (server.status() == "BUILD" && under_way_.size() < kMaxLaunches) {
    under_way_.try_emplace(server.id(), Launch{.name = server.name(),
                                               .host = server.host(),
                                               .begun_us = server.created_at_us(),
                                               .heard_us = server.updated_at_us()});
  }
}

void TopModel::take_hosts(const v1::ListHostsReply& hosts) { hosts_ = hosts; }

void TopModel::forget_launches() {
  under_way_.clear();
  ended_.clear();
}

std::string TopModel::frame(const FrameStyle& style, WallTime now) const {
  Page page;
  add_head(page, now);
  if (hosts_) add_hosts(page);
  add_launches(page, now);
  add_stuck(page, now);
  add_failures(page);
  add_steps(page);
  return page.text(style);
}

void TopModel::add_head(Page& page, WallTime now) const {
  page.add(fmt::format("kilonova top  {}  {}", format_time(now), where_), Tone::kTitle);
  if (!status_) return;
  page.add(fmt::format("Servers  {}: {} active, {} building, {} error", status_->servers(), status_->active(),
                       status_->building(), status_->error()),
           status_->error() > 0 ? Tone::kBad : Tone::kPlain);
}

void TopModel::add_hosts(Page& page) const {
  size_t up = 0, down = 0, disabled = 0, empty = 0;
  double used[3] = {}, total[3] = {};
  std::array<size_t, 4> by_fill{};
  for (const v1::Host& host : hosts_->hosts()) {
    ++(host.up() && !host.forced_down() ? up : down);
    if (!host.enabled()) ++disabled;
    if (host.instances() == 0) ++empty;
    const double parts[] = {static_cast<double>(host.used().vcpus()), static_cast<double>(host.used().memory_mb()),
                            static_cast<double>(host.used().disk_gb())};
    const double wholes[] = {static_cast<double>(host.total().vcpus()), static_cast<double>(host.total().memory_mb()),
                             static_cast<double>(host.total().disk_gb())};
    double most = 0;
    for (size_t r = 0; r < 3; ++r) {
      used[r] += parts[r];
      total[r] += wholes[r];
      if (wholes[r] > 0) most = std::max(most, parts[r] / wholes[r]);
    }
    if (host.instances() > 0) ++by_fill[std::min<size_t>(3, static_cast<size_t>(most * 4))];
  }
  page.add(fmt::format("Hosts    {}: {} up, {} down, {} disabled", hosts_->hosts_size(), up, down, disabled),
           down > 0 ? Tone::kBad : Tone::kPlain);
  std::string fill = "Fill    ";
  constexpr const char* kNames[] = {"vCPUs", "RAM", "disk"};
  for (size_t r = 0; r < 3; ++r)
    fill += fmt::format(" {} {} {:>5}", kNames[r], gauge(total[r] > 0 ? used[r] / total[r] : 0),
                        percent(used[r], total[r]));
  page.add(std::move(fill));
  page.add(fmt::format("By fill  empty {}, to 25 % {}, to 50 % {}, to 75 % {}, above {}", empty, by_fill[0], by_fill[1],
                       by_fill[2], by_fill[3]));
  if (status_ && status_->has_claim_conflicts() && status_->claim_conflicts() > 0)
    page.add(fmt::format("         {} claims were refused by hosts", status_->claim_conflicts()));
}

void TopModel::add_launches(Page& page, WallTime now) const {
  Counts last;
  const int64_t until = second_of(now.us);
  for (const auto& [second, counts] : seconds_) {
    if (second < until - static_cast<int64_t>(kRateSeconds) || second >= until) continue;
    last.begun += counts.begun;
    last.active += counts.active;
    last.failed += counts.failed;
  }
  auto rate = [](uint64_t count) { return static_cast<double>(count) / static_cast<double>(kRateSeconds); };
  page.add(fmt::format("Launches   {} seen, {} failed, {} under way", all_.begun, all_.failed, under_way_.size()));
  page.add(fmt::format("a second   {:.1f} begun, {:.1f} active, {:.1f} failed", rate(last.begun), rate(last.active),
                       rate(last.failed)));
}

void TopModel::add_stuck(Page& page, WallTime now) const {
  std::vector<const Launch*> stuck;
  for (const auto& [id, launch] : under_way_)
    if (now.us - launch.heard_us > kStuckAfter.us) stuck.push_back(&launch);
  if (stuck.empty()) return;
  std::ranges::sort(stuck, {}, &Launch::heard_us);
  page.add_title(fmt::format("Stuck: {} with nothing heard for {} s", stuck.size(), kStuckAfter.us / 1'000'000));
  for (size_t i = 0; i < std::min(stuck.size(), kListed); ++i) {
    const Launch& launch = *stuck[i];
    std::string text =
        fmt::format("{:>8}  after {:<20} {}", span(now.us - launch.heard_us),
                    launch.step == 0 ? "-" : to_string(static_cast<LaunchStep>(launch.step)), one_line(launch.name));
    if (!launch.host.empty()) text += fmt::format(" on {}", one_line(launch.host));
    page.add(std::move(text), Tone::kBusy);
  }
}

void TopModel::add_failures(Page& page) const {
  if (failures_.empty()) return;
  page.add_title("Newest failures");
  for (size_t i = 0; i < std::min(failures_.size(), kListed); ++i) {
    const Failure& failure = failures_[i];
    page.add(fmt::format("{}  {}: {}", to_iso8601(WallTime{failure.time_us}).substr(11, 8), one_line(failure.name),
                         failure.fault.empty() ? "no reason is known" : one_line(failure.fault)),
             Tone::kBad);
  }
}

void TopModel::add_steps(Page& page) const {
  std::array<size_t, kSteps> waiting{};
  for (const auto& [id, launch] : under_way_)
    if (launch.step > 0) ++waiting[launch.step - 1];
  page.add_title(fmt::format("{:<21}{:>8}{:>10}{:>10}{:>10}{:>9}", "Reached after", "Launches", "50 %", "95 %", "99 %",
                             "Waiting"));
  for (const LaunchStepInfo& step : launch_steps()) {
    const size_t place = static_cast<size_t>(step.step) - 1;
    std::vector<Duration> times;
    for (const StepTimes& launch : ended_)
      if (launch[place] > 0) times.push_back(Duration{launch[place]});
    std::ranges::sort(times);
    page.add(fmt::format("{:>2} {:<18}{:>8}{:>10}{:>10}{:>10}{:>9}", place + 1, step.name, times.size(),
                         span(percentile(times, 50).us), span(percentile(times, 95).us), span(percentile(times, 99).us),
                         waiting[place] == 0 ? "" : fmt::to_string(waiting[place])));
  }
}

}  // namespace kilonova::cli
