#include "cli/client/server_wait.h"

#include <set>
#include <utility>

#include "cli/client/watch.h"

namespace kilonova::cli {
namespace {

class ServerWait {
 public:
  ServerWait(Session& session, const std::vector<std::string>& servers, WaitFor goal, bool all_projects,
             const std::function<void(size_t)>& on_progress)
      : session_(session),
        goal_(goal),
        all_projects_(all_projects),
        on_progress_(on_progress),
        open_(servers.begin(), servers.end()) {}

  bool done() const { return open_.empty(); }
  std::map<std::string, SettledServer> take() { return std::move(settled_); }

  // True: more to wait for.
  bool hear(const std::string& id, SettledServer server) {
    if (goal_ == WaitFor::kDeleted && !server.deleted) return !done();
    if (open_.erase(id) != 0) {
      settled_[id] = std::move(server);
      on_progress_(settled_.size());
    }
    return !done();
  }

  // What the cloud says of each server now, in place of events that were missed.
  Expected<bool> ask() {
    std::set<std::string> ids = open_;
    for (const std::string& id : ids) {
      v1::GetServerRequest request;
      request.set_server(id);
      request.set_all_projects(all_projects_);
      auto reply = session_.call(&v1::Cloud::Stub::GetServer, request);
      if (!reply && reply.error().code != ErrorCode::kNotFound) return std::unexpected(reply.error());
      if (!reply) {
        hear(id, {.name = id, .status = "DELETED", .fault = {}, .deleted = true});
        continue;
      }
      const v1::Server& server = reply->server();
      if (is_settled(server)) hear(id, {server.name(), server.status(), server.fault().message(), false});
    }
    return !done();
  }

 private:
  Session& session_;
  WaitFor goal_;
  bool all_projects_;
  const std::function<void(size_t)>& on_progress_;
  std::set<std::string> open_;
  std::map<std::string, SettledServer> settled_;
};

}  // namespace

bool is_settled(const v1::Server& server) {
  return server.task_state() == v1::TASK_STATE_UNSPECIFIED && server.vm_state() != v1::VM_STATE_BUILDING;
}

Expected<std::map<std::string, SettledServer>> wait_for_servers(Session& session,
                                                                const std::vector<std::string>& servers, uint64_t since,
                                                                WaitFor goal, bool all_projects,
                                                                const std::function<void(size_t done)>& on_progress) {
  ServerWait wait(session, servers, goal, all_projects, on_progress);
  if (wait.done()) return wait.take();
  WatchOptions options{.since = since, .all_projects = all_projects, .server = {}};
  if (servers.size() == 1) options.server = servers.front();
  WatchHandler handler{
      .on_event =
          [&](const v1::WatchEvent& event) {
            return wait.hear(event.server_id(), {event.name(), event.status(), event.fault(), event.deleted()});
          },
      .on_gap = [&] { return wait.ask(); },
      .on_standing = {},
  };
  Watch watch(session, options);
  if (auto ended = watch.run(handler); !ended) return std::unexpected(ended.error());
  return wait.take();
}

}  // namespace kilonova::cli
