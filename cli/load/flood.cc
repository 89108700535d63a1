#include "cli/load/flood.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <unordered_map>
#include <utility>

#include "cli/load/load_client.h"
#include "cli/output/progress.h"

namespace kilonova::cli {
namespace {

Duration between(LoadTime from, LoadTime to) {
  return {std::chrono::duration_cast<std::chrono::microseconds>(to - from).count()};
}

class Flood {
 public:
  Flood(LoadClient& client, const FloodOptions& options, FloodResult& result)
      : client_(client), options_(options), result_(result) {}

  Expected<> run() {
    Progress progress("flooding", options_.count);
    started_ = last_answer_ = last_settled_ = std::chrono::steady_clock::now();
    for (size_t i = 0; i < std::min(options_.clients, options_.count); ++i)
      if (auto sent = next_call(); !sent) return sent;
    while (answered_ < options_.count || settled_ < result_.servers.size()) {
      for (Happening& happening : client_.wait(std::nullopt)) {
        Expected<> handled = std::visit([&](auto& one) { return handle(one); }, happening);
        if (!handled) return handled;
      }
      progress.show(result_.refusals.total() + settled_);
    }
    result_.asked = between(started_, last_answer_);
    result_.settled = between(started_, last_settled_);
    return {};
  }

 private:
  Expected<> next_call() {
    if (sent_ >= options_.count) return {};
    v1::CreateServersRequest request;
    request.set_name(fmt::format("flood-{}", sent_));
    request.set_flavor(options_.flavor);
    request.set_image(options_.image);
    return client_.create(sent_++, request);
  }

  Expected<> handle(Created& created) {
    ++answered_;
    last_answer_ = std::chrono::steady_clock::now();
    if (!created.servers) {
      const Error& why = created.servers.error();
      result_.refusals.add(fmt::format("{}: {}", to_string(why.code), why.message));
      return next_call();
    }
    for (const Uuid& server : *created.servers) {
      result_.servers.push_back(server);
      auto early = early_.find(server);
      if (early == early_.end()) {
        waiting_.insert(server);
      } else {
        count(early->second);
        early_.erase(early);
      }
    }
    return next_call();
  }

  // Can be heard before the call's answer.
  Expected<> handle(Settled& settled) {
    if (waiting_.erase(settled.server) != 0)
      count(settled);
    else if (answered_ < options_.count)
      early_.insert_or_assign(settled.server, std::move(settled));
    return {};
  }

  Expected<> handle(DeleteAnswered&) { return {}; }
  Expected<> handle(WatchEnded& ended) { return std::unexpected(ended.error); }

  void count(const Settled& settled) {
    ++settled_;
    last_settled_ = std::max(last_settled_, settled.seen);
    if (settled.active)
      ++result_.active;
    else
      result_.failures.add(settled.deleted ? "deleted meanwhile" : settled.fault);
  }

  LoadClient& client_;
  const FloodOptions& options_;
  FloodResult& result_;
  std::set<Uuid> waiting_;
  std::unordered_map<Uuid, Settled> early_;
  size_t sent_ = 0, answered_ = 0;
  size_t settled_ = 0;  // of those admitted
  LoadTime started_, last_answer_, last_settled_;
};

}  // namespace

Expected<FloodResult> run_flood(Session& session, const FloodOptions& options, std::vector<CloudDaemon> daemons) {
  auto client = LoadClient::open(session);
  if (!client) return std::unexpected(client.error());
  FloodResult result;
  CostMeter meter(std::move(daemons));
  if (auto done = Flood(**client, options, result).run(); !done) return std::unexpected(done.error());
  result.costs = meter.since();
  return result;
}

}  // namespace kilonova::cli
