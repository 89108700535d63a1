#include "cli/load/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>

#include "cli/load/load_client.h"
#include "cli/output/progress.h"

namespace kilonova::cli {
namespace {

constexpr size_t kDeletesAtOnce = 64;

Duration between(LoadTime from, LoadTime to) {
  return {std::chrono::duration_cast<std::chrono::microseconds>(to - from).count()};
}

class Bench {
 public:
  Bench(LoadClient& client, const BenchOptions& options)
      : client_(client), options_(options), callers_(std::min(options.clients, options.count)) {}

  Expected<> run(BenchResult& result) {
    Progress progress("launching", options_.count);
    started_ = last_ = std::chrono::steady_clock::now();
    for (size_t i = 0; i < callers_.size(); ++i)
      if (auto sent = next_call(i); !sent) return sent;
    while (settled_ < options_.count) {
      for (Happening& happening : client_.wait(std::nullopt)) {
        Expected<> handled = std::visit([&](auto& one) { return handle(one, result); }, happening);
        if (!handled) return handled;
      }
      progress.show(settled_);
    }
    result.took = between(started_, last_);
    return {};
  }

 private:
  struct Caller {
    LoadTime asked;
    size_t open = 0;  // servers of its call that have not settled
    size_t wanted = 0;
  };

  Expected<> next_call(size_t index) {
    if (sent_ >= options_.count) return {};
    Caller& caller = callers_[index];
    caller.wanted = std::min(options_.batch, options_.count - sent_);
    v1::CreateServersRequest request;
    request.set_name(fmt::format("bench-{}", calls_++));
    request.set_flavor(options_.flavor);
    request.set_image(options_.image);
    request.set_min_count(static_cast<uint32_t>(caller.wanted));
    request.set_max_count(static_cast<uint32_t>(caller.wanted));
    sent_ += caller.wanted;
    caller.asked = std::chrono::steady_clock::now();
    return client_.create(index, request);
  }

  Expected<> handle(Created& created, BenchResult& result) {
    Caller& caller = callers_[created.tag];
    if (!created.servers) {
      result.failures.add(created.servers.error().message, caller.wanted);
      settled_ += caller.wanted;
      last_ = std::chrono::steady_clock::now();
      return next_call(created.tag);
    }
    caller.open = created.servers->size();
    for (const Uuid& server : *created.servers) {
      result.servers.push_back(server);
      auto early = early_.find(server);
      if (early == early_.end()) {
        callers_of_.emplace(server, created.tag);
        continue;
      }
      Settled settled = std::move(early->second);
      early_.erase(early);
      if (auto done = finish(created.tag, settled, result); !done) return done;
    }
    return {};
  }

  Expected<> handle(Settled& settled, BenchResult& result) {
    auto found = callers_of_.find(settled.server);
    if (found == callers_of_.end()) {
      early_.emplace(settled.server, std::move(settled));  // heard before the call's answer
      return {};
    }
    size_t caller = found->second;
    callers_of_.erase(found);
    return finish(caller, settled, result);
  }

  Expected<> handle(DeleteAnswered&, BenchResult&) { return {}; }
  Expected<> handle(WatchEnded& ended, BenchResult&) { return std::unexpected(ended.error); }

  Expected<> finish(size_t index, const Settled& settled, BenchResult& result) {
    Caller& caller = callers_[index];
    if (settled.active) {
      ++result.launched;
      result.latencies.push_back(between(caller.asked, settled.seen));
    } else {
      result.failures.add(settled.deleted ? "deleted meanwhile" : settled.fault);
    }
    last_ = std::max(last_, settled.seen);
    ++settled_;
    if (--caller.open > 0) return {};
    return next_call(index);
  }

  LoadClient& client_;
  const BenchOptions& options_;
  std::vector<Caller> callers_;
  std::unordered_map<Uuid, size_t> callers_of_;
  std::unordered_map<Uuid, Settled> early_;
  size_t calls_ = 0;
  size_t sent_ = 0;     // servers asked for
  size_t settled_ = 0;  // of them, whatever came of them
  LoadTime started_;
  LoadTime last_;
};

}  // namespace

Expected<BenchResult> run_bench(Session& session, const BenchOptions& options, std::vector<CloudDaemon> daemons) {
  auto client = LoadClient::open(session);
  if (!client) return std::unexpected(client.error());
  BenchResult result;
  CostMeter meter(std::move(daemons));
  if (auto done = Bench(**client, options).run(result); !done) return std::unexpected(done.error());
  result.costs = meter.since();
  return result;
}

Expected<Duration> delete_servers(Session& session, const std::vector<Uuid>& servers) {
  auto opened = LoadClient::open(session);
  if (!opened) return std::unexpected(opened.error());
  LoadClient& client = **opened;
  Progress progress("deleting", servers.size());
  const LoadTime began = std::chrono::steady_clock::now();
  size_t sent = 0, gone = 0;
  while (gone < servers.size()) {
    for (; sent < servers.size() && sent - gone < kDeletesAtOnce; ++sent)
      if (auto asked = client.remove(sent, servers[sent]); !asked) return std::unexpected(asked.error());
    for (const Happening& happening : client.wait(std::nullopt)) {
      if (const auto* settled = std::get_if<Settled>(&happening); settled != nullptr && settled->deleted) ++gone;
      if (const auto* ended = std::get_if<WatchEnded>(&happening)) return std::unexpected(ended->error);
      const auto* answer = std::get_if<DeleteAnswered>(&happening);
      if (answer == nullptr || answer->result) continue;
      if (answer->result.error().code != ErrorCode::kNotFound) return std::unexpected(answer->result.error());
      ++gone;  // somebody else deleted it before the watch began
    }
    progress.show(gone);
  }
  return between(began, std::chrono::steady_clock::now());
}

}  // namespace kilonova::cli
