#include "cli/client/server_wait.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "cli/client/watch.h"
#include "cli/client/watch_timer.h"
#include "cli/output/progress.h"
#include "cli/output/text.h"
#include "cli/output/views.h"

namespace kilonova::cli {
namespace {

constexpr size_t kNamed = 3;  // servers in a message; of the others the number

// "ACTIVE on host-00001"; while a launch is under way "BUILD, try 2 on host-00002, image_ready": the last step done.
template <class ServerOrEvent>
std::string under_way(const ServerOrEvent& server, const std::string& step) {
  std::string text = server.status();
  const bool launching = server.vm_state() == v1::VM_STATE_BUILDING;
  if (launching && server.attempt() > 1) text += fmt::format(", try {}", server.attempt());
  if (!server.host().empty()) text += " on " + one_line(server.host());
  std::string doing = launching && !step.empty() && step != "none" ? step : "";
  if (doing.empty()) doing = enum_text(v1::TaskState_Name(server.task_state()), "TASK_STATE_");
  return doing.empty() ? text : text + ", " + doing;
}

std::string under_way(const v1::WatchEvent& event) {
  return under_way(event, enum_text(v1::LaunchStep_Name(event.step()), "LAUNCH_STEP_"));
}

std::string under_way(const v1::Server& server) { return under_way(server, server.step()); }

class ServerWait {
 public:
  ServerWait(Session& session, const std::vector<std::string>& servers, const WaitOptions& options, StatusLine& line)
      : session_(session),
        options_(options),
        line_(line),
        all_(servers.size()),
        open_(servers.begin(), servers.end()) {}

  bool done() const { return open_.empty(); }
  std::map<std::string, SettledServer> take() { return std::move(settled_); }

  // True: more to wait for.
  bool hear(const v1::WatchEvent& event) {
    if (!open_.contains(event.server_id())) return !done();
    names_[event.server_id()] = event.name() + " (" + under_way(event) + ")";
    bool settled = event.deleted() ||
                   (event.task_state() == v1::TASK_STATE_UNSPECIFIED && event.vm_state() != v1::VM_STATE_BUILDING);
    return hear(event.server_id(), {event.name(), event.status(), event.fault(), event.deleted()}, settled);
  }

  // What the cloud says of each server now, in place of events that were missed.
  Expected<bool> ask() {
    std::set<std::string> ids = open_;
    for (const std::string& id : ids) {
      v1::GetServerRequest request;
      request.set_server(id);
      request.set_all_projects(options_.all_projects);
      auto reply = session_.call(&v1::Cloud::Stub::GetServer, request);
      if (!reply && reply.error().code != ErrorCode::kNotFound) return std::unexpected(reply.error());
      if (!reply) {
        hear(id, {.name = id, .status = "DELETED", .fault = {}, .deleted = true}, true);
        continue;
      }
      const v1::Server& server = reply->server();
      names_[id] = server.name() + " (" + under_way(server) + ")";
      hear(id, {server.name(), server.status(), server.fault().message(), false}, is_settled(server));
    }
    return !done();
  }

  std::unexpected<Error> too_late() const {
    std::string names;
    size_t count = 0;
    for (const std::string& id : open_) {
      if (++count > kNamed) break;
      auto name = names_.find(id);
      names += (names.empty() ? "" : ", ") + (name == names_.end() ? id : name->second);
    }
    if (open_.size() > kNamed) names += fmt::format(" and {} more", open_.size() - kNamed);
    return fail(ErrorCode::kDeadlineExceeded, fmt::format("after {} (--timeout) this is still under way: {}",
                                                          format_duration(options_.timeout), names));
  }

 private:
  bool reached(const SettledServer& server, bool settled) const {
    if (server.deleted) return true;
    switch (options_.goal) {
      case WaitFor::kSettled: return settled;
      case WaitFor::kDeleted: return server.status == "SOFT_DELETED";  // as far as it goes where such are kept
      case WaitFor::kStatus: return server.status == options_.status || server.status == "ERROR";
    }
    return false;
  }

  bool hear(const std::string& id, SettledServer server, bool settled) {
    if (reached(server, settled) && open_.erase(id) != 0) settled_[id] = std::move(server);
    if (all_ == 1 && !open_.empty() && names_.contains(id))
      line_.set(options_.doing + "  " + names_[id]);
    else
      line_.set(Progress::line(options_.doing, settled_.size(), all_));
    return !done();
  }

  Session& session_;
  const WaitOptions& options_;
  StatusLine& line_;
  size_t all_;
  std::set<std::string> open_;
  std::map<std::string, std::string> names_;  // "web1 (BUILD, spawning on host-00001)"
  std::map<std::string, SettledServer> settled_;
};

}  // namespace

bool is_settled(const v1::Server& server) {
  return server.task_state() == v1::TASK_STATE_UNSPECIFIED && server.vm_state() != v1::VM_STATE_BUILDING;
}

Expected<std::map<std::string, SettledServer>> wait_for_servers(Session& session,
                                                                const std::vector<std::string>& servers,
                                                                const WaitOptions& options) {
  StatusLine line(!options.doing.empty());
  ServerWait wait(session, servers, options, line);
  if (wait.done()) return wait.take();
  uint64_t since = options.since;
  if (since == 0) {
    auto now = current_revision(session);
    if (!now) return std::unexpected(now.error());
    since = *now;
    auto more = wait.ask();
    if (!more) return std::unexpected(more.error());
    if (!*more) return wait.take();
  }
  WatchOptions watched{.since = since, .all_projects = options.all_projects, .server = {}};
  watched.stable_only = options.goal != WaitFor::kStatus && !line.is_visible();
  if (servers.size() == 1) watched.server = servers.front();
  WatchHandler handler{
      .on_event = [&](const v1::WatchEvent& event) { return wait.hear(event); },
      .on_gap = [&] { return wait.ask(); },
      .on_standing = {},
  };
  Watch watch(session, watched);
  Expected<> ended;
  bool over = false;
  {
    WatchTimer timer(options.timeout, line, watch);
    ended = watch.run(handler);
    over = timer.is_over();
  }
  if (!ended) return std::unexpected(ended.error());
  if (wait.done()) return wait.take();
  if (auto more = wait.ask(); !more) return std::unexpected(more.error());  // as they are now, for the message
  if (wait.done() || !over) return wait.take();
  return wait.too_late();
}

}  // namespace kilonova::cli
