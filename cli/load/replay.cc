#include "cli/load/replay.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <set>
#include <unordered_map>

#include "cli/client/pages.h"
#include "cli/load/load_client.h"
#include "cli/output/progress.h"
#include "cli/output/views.h"

namespace kilonova::cli {
namespace {

class Replay {
 public:
  Replay(LoadClient& client, const ReplayPlan& plan, const ReplayOptions& options)
      : client_(client), plan_(plan), options_(options), servers_(plan.requests.size()) {}

  Expected<ReplayResult> run() {
    Progress progress("replaying", plan_.actions.size());
    started_ = last_launch_ = std::chrono::steady_clock::now();
    while (next_ < plan_.actions.size() || under_way_ > 0) {
      if (auto begun = begin_what_may(); !begun) return std::unexpected(begun.error());
      if (next_ == plan_.actions.size() && under_way_ == 0) break;
      for (Happening& happening : client_.wait(next_due())) {
        Expected<> handled = std::visit([&](auto& one) { return handle(one); }, happening);
        if (!handled) return std::unexpected(handled.error());
      }
      progress.show(next_ - std::min(next_, under_way_));
    }
    auto took = std::chrono::duration_cast<std::chrono::microseconds>(last_launch_ - started_);
    result_.took = Duration{took.count()};
    result_.hosts_used = hosts_.size();
    return std::move(result_);
  }

 private:
  enum class State { kToCome, kAsked, kActive, kRefused, kFailed, kDeleting, kGone };
  struct Server {
    State state = State::kToCome;
    Uuid id;
    bool delete_when_settled = false;  // its time to leave came before it was ready
  };

  bool is_settled(const Server& server) const {
    return server.state != State::kToCome && server.state != State::kAsked;
  }

  LoadTime due(const ReplayAction& action) const {
    Duration since_first = action.time - plan_.actions.front().time;
    return started_ +
           std::chrono::microseconds(static_cast<int64_t>(static_cast<double>(since_first.us) / *options_.speed));
  }

  // When the next action may begin, if only time keeps it.
  std::optional<LoadTime> next_due() const {
    if (!options_.speed || next_ == plan_.actions.size() || under_way_ >= options_.at_once) return std::nullopt;
    return due(plan_.actions[next_]);
  }

  Expected<> begin_what_may() {
    for (; next_ < plan_.actions.size() && under_way_ < options_.at_once; ++next_) {
      const ReplayAction& action = plan_.actions[next_];
      if (options_.speed && std::chrono::steady_clock::now() < due(action)) return {};
      if (action.kind == ReplayAction::Kind::kLaunch) {
        if (auto asked = launch(action.request); !asked) return asked;
        continue;
      }
      Server& server = servers_[action.request];
      if (is_settled(server)) {
        if (auto asked = remove(action.request); !asked) return asked;
      } else {
        server.delete_when_settled = true;  // the others go on
      }
    }
    return {};
  }

  Expected<> launch(size_t index) {
    const ReplayRequest& wanted = plan_.requests[index];
    v1::CreateServersRequest request;
    request.set_name(wanted.name);
    request.set_flavor(replay_flavor_name(wanted));
    request.set_image(options_.image);
    servers_[index].state = State::kAsked;
    ++under_way_;
    return client_.create(index, request);
  }

  Expected<> remove(size_t index) {
    Server& server = servers_[index];
    bool is_there = server.state == State::kActive || server.state == State::kFailed;
    if (!is_there) return {};  // refused, or deleted by somebody else
    if (server.state == State::kActive) --active_;
    server.state = State::kDeleting;
    ++under_way_;
    return client_.remove(index, server.id);
  }

  Expected<> handle(Created& created) {
    Server& server = servers_[created.tag];
    last_launch_ = std::chrono::steady_clock::now();
    if (!created.servers || created.servers->empty()) {
      server.state = State::kRefused;
      --under_way_;
      refuse(created.tag, created.servers ? "the cloud answered without a server" : created.servers.error().message);
      return {};
    }
    server.id = created.servers->front();
    index_of_[server.id] = created.tag;
    auto early = early_.find(server.id);
    if (early == early_.end()) return {};
    Settled settled = std::move(early->second);
    early_.erase(early);
    return handle(settled);
  }

  Expected<> handle(DeleteAnswered& answered) {
    if (answered.result) return {};
    if (answered.result.error().code != ErrorCode::kNotFound) return answered.result;
    gone(servers_[answered.tag]);
    return {};
  }

  Expected<> handle(WatchEnded& ended) { return std::unexpected(ended.error); }

  Expected<> handle(Settled& settled) {
    auto found = index_of_.find(settled.server);
    if (found == index_of_.end()) {
      early_[settled.server] = std::move(settled);  // heard before the call's answer
      return {};
    }
    size_t index = found->second;
    Server& server = servers_[index];
    if (settled.deleted) {
      if (server.state == State::kAsked) {
        --under_way_;
        refuse(index, "deleted meanwhile");
        server.state = State::kGone;
      } else {
        gone(server);
      }
      return {};
    }
    if (server.state != State::kAsked) return {};
    --under_way_;
    last_launch_ = settled.seen;
    server.state = settled.active ? State::kActive : State::kFailed;
    if (settled.active)
      count_launch(index, settled.host);
    else
      refuse(index, settled.fault.empty() ? "ended in ERROR without a fault" : settled.fault, server.id);
    return server.delete_when_settled ? remove(index) : Expected<>();
  }

  void count_launch(size_t index, const std::string& host) {
    ++result_.launched;
    result_.vcpus_launched += plan_.requests[index].vcpus;
    result_.peak_servers = std::max(result_.peak_servers, ++active_);
    hosts_.insert(host);
  }

  void gone(Server& server) {
    if (server.state == State::kDeleting) {
      --under_way_;
      ++result_.deleted;
    } else if (server.state == State::kActive) {
      --active_;
    }
    server.state = State::kGone;
  }

  void refuse(size_t index, std::string reason, const std::optional<Uuid>& server = std::nullopt) {
    const ReplayRequest& request = plan_.requests[index];
    result_.refused.push_back({request.line, request.name, std::move(reason), server ? to_string(*server) : ""});
  }

  LoadClient& client_;
  const ReplayPlan& plan_;
  const ReplayOptions& options_;
  std::vector<Server> servers_;  // by request
  std::unordered_map<Uuid, size_t> index_of_;
  std::unordered_map<Uuid, Settled> early_;
  std::set<std::string> hosts_;
  size_t next_ = 0;       // action
  size_t under_way_ = 0;  // creates and deletes that have not settled
  size_t active_ = 0;
  LoadTime started_;
  LoadTime last_launch_;
  ReplayResult result_;
};

bool is_size_of(const v1::Flavor& flavor, const ReplayRequest& request) {
  return flavor.vcpus() == request.vcpus && flavor.memory_mb() == request.memory_mb &&
         flavor.root_gb() == request.disk_gb && flavor.ephemeral_gb() == 0 && flavor.swap_mb() == 0;
}

}  // namespace

Expected<> make_replay_flavors(Session& session, const ReplayPlan& plan) {
  auto reply = list_whole(session, &v1::Cloud::Stub::ListFlavors, v1::ListFlavorsRequest());
  if (!reply) return std::unexpected(reply.error());
  std::map<std::string, v1::Flavor> there;
  for (const v1::Flavor& flavor : reply->flavors()) there[flavor.name()] = flavor;
  for (const ReplayRequest& request : plan.requests) {
    std::string name = replay_flavor_name(request);
    auto found = there.find(name);
    if (found == there.end()) {
      v1::CreateFlavorRequest create;
      v1::Flavor& flavor = *create.mutable_flavor();
      flavor.set_id("auto");
      flavor.set_name(name);
      flavor.set_vcpus(request.vcpus);
      flavor.set_memory_mb(request.memory_mb);
      flavor.set_root_gb(request.disk_gb);
      auto created = session.call(&v1::Cloud::Stub::CreateFlavor, create);
      if (!created) return std::unexpected(created.error());
      there[name] = created->flavor();
    } else if (!is_size_of(found->second, request)) {
      return fail(ErrorCode::kConflict,
                  fmt::format("flavor '{}' is there, but not of {} vcpus, {} MiB and {} GiB: delete it", name,
                              request.vcpus, request.memory_mb, request.disk_gb));
    }
  }
  return {};
}

namespace {

// A watch tells what followed ("Exceeded maximum number of retries"); the servers themselves, as long as they are
// there, why.
Expected<> name_causes(Session& session, std::vector<ReplayNote>& refused) {
  std::unordered_map<std::string, ReplayNote*> by_server;
  for (ReplayNote& note : refused)
    if (!note.server.empty()) by_server[note.server] = &note;
  if (by_server.empty()) return {};
  v1::ListServersRequest request;
  request.set_status("ERROR");
  for (bool more = true; more;) {
    auto page = session.call(&v1::Cloud::Stub::ListServers, request);
    if (!page) return std::unexpected(page.error());
    for (const v1::Server& server : page->servers()) {
      request.set_marker(server.id());
      auto found = by_server.find(server.id());
      std::string cause = cause_of(server);
      if (found != by_server.end() && !cause.empty()) found->second->text = std::move(cause);
    }
    more = page->more() && !page->servers().empty();
  }
  return {};
}

}  // namespace

Expected<ReplayResult> run_replay(Session& session, const ReplayPlan& plan, const ReplayOptions& options) {
  Expected<ReplayResult> result = std::unexpected(Error{});
  {
    auto client = LoadClient::open(session);
    if (!client) return std::unexpected(client.error());
    result = Replay(**client, plan, options).run();
  }
  if (!result) return result;
  if (auto named = name_causes(session, result->refused); !named) return std::unexpected(named.error());
  return result;
}

}  // namespace kilonova::cli
