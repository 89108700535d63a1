#include "cli/load/load_client.h"

#include <utility>

namespace kilonova::cli {
namespace {

Uuid uuid_of(const std::string& text) { return parse_uuid(text).value_or(Uuid{}); }

Settled settled_of(const v1::WatchEvent& event) {
  return {.server = uuid_of(event.server_id()),
          .active = event.vm_state() == v1::VM_STATE_ACTIVE,
          .deleted = event.deleted(),
          .host = event.host(),
          .fault = event.fault(),
          .seen = std::chrono::steady_clock::now()};
}

}  // namespace

struct LoadClient::CreateCall {
  grpc::ClientContext context;
  v1::CreateServersRequest request;
  v1::CreateServersReply reply;
};

struct LoadClient::DeleteCall {
  grpc::ClientContext context;
  v1::DeleteServerRequest request;
  v1::DeleteServerReply reply;
};

Expected<std::unique_ptr<LoadClient>> LoadClient::open(Session& session) {
  Expected<uint64_t> since = current_revision(session);
  if (!since) return std::unexpected(since.error());
  std::unique_ptr<LoadClient> client(new LoadClient(session));
  client->watch_session_ = session.in_project(session.project());
  client->watch_ = std::make_unique<Watch>(*client->watch_session_, WatchOptions{.since = *since, .server = {}});
  client->watcher_ = std::thread([raw = client.get()] { raw->watch(); });
  if (auto standing = client->wait_until_standing(); !standing) return std::unexpected(standing.error());
  return client;
}

Expected<> LoadClient::wait_until_standing() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return standing_ || !happenings_.empty(); });
  if (standing_) return {};
  // Before it stood nothing but its end can have been heard.
  const WatchEnded* ended = std::get_if<WatchEnded>(&happenings_.front());
  return ended != nullptr ? std::unexpected(ended->error) : Expected<>();
}

LoadClient::~LoadClient() {
  watch_->cancel();
  watcher_.join();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return calls_ == 0; });
}

void LoadClient::watch() {
  WatchHandler handler{
      .on_event =
          [this](const v1::WatchEvent& event) {
            push(settled_of(event));
            return true;
          },
      .on_gap = [this] { return tell_all(); },
      .on_standing =
          [this] {
            std::lock_guard lock(mutex_);
            standing_ = true;
            changed_.notify_all();
          },
  };
  if (auto ended = watch_->run(handler); !ended) push(WatchEnded{ended.error()});
}

// Events were missed: the project's servers as they are now. What was to be deleted before the list was read and is not in
// it is gone.
Expected<bool> LoadClient::tell_all() {
  std::set<Uuid> gone;
  {
    std::lock_guard lock(mutex_);
    gone = removing_;
  }
  v1::ListServersRequest request;
  for (bool more = true; more;) {
    auto page = watch_session_->call(&v1::Cloud::Stub::ListServers, request);
    if (!page) return std::unexpected(page.error());
    for (const v1::Server& server : page->servers()) {
      gone.erase(uuid_of(server.id()));
      request.set_marker(server.id());
      if (server.task_state() != v1::TASK_STATE_UNSPECIFIED || server.vm_state() == v1::VM_STATE_BUILDING) continue;
      push(Settled{.server = uuid_of(server.id()),
                   .active = server.vm_state() == v1::VM_STATE_ACTIVE,
                   .deleted = false,
                   .host = server.host(),
                   .fault = server.fault().message(),
                   .seen = std::chrono::steady_clock::now()});
    }
    more = page->more() && !page->servers().empty();
  }
  for (const Uuid& server : gone)
    push(Settled{.server = server, .active = false, .deleted = true, .seen = std::chrono::steady_clock::now()});
  return true;
}

Expected<> LoadClient::create(size_t tag, const v1::CreateServersRequest& request) {
  if (auto ready = session_.log_in(); !ready) return ready;
  auto call = std::make_shared<CreateCall>();
  call->request = request;
  session_.prepare(call->context, Session::kCallLimit);
  call_begins();
  session_.stub().async()->CreateServers(&call->context, &call->request, &call->reply,
                                         [this, tag, call](grpc::Status status) {
    if (status.ok()) {
      std::vector<Uuid> servers;
      for (const v1::Server& server : call->reply.servers()) servers.push_back(uuid_of(server.id()));
      push(Created{tag, std::move(servers)});
    } else {
      push(Created{tag, std::unexpected(session_.error_of(status))});
    }
    call_ended();
  });
  return {};
}

Expected<> LoadClient::remove(size_t tag, const Uuid& server) {
  if (auto ready = session_.log_in(); !ready) return ready;
  auto call = std::make_shared<DeleteCall>();
  call->request.set_server(to_string(server));
  session_.prepare(call->context, Session::kCallLimit);
  {
    std::lock_guard lock(mutex_);
    removing_.insert(server);
  }
  call_begins();
  session_.stub().async()->DeleteServer(&call->context, &call->request, &call->reply,
                                        [this, tag, call](grpc::Status status) {
    push(DeleteAnswered{tag, status.ok() ? Expected<>() : std::unexpected(session_.error_of(status))});
    call_ended();
  });
  return {};
}

std::vector<Happening> LoadClient::wait(std::optional<LoadTime> until) {
  std::unique_lock lock(mutex_);
  auto something = [this] { return !happenings_.empty(); };
  if (until)
    changed_.wait_until(lock, *until, something);
  else
    changed_.wait(lock, something);
  return std::exchange(happenings_, {});
}

void LoadClient::push(Happening happening) {
  std::lock_guard lock(mutex_);
  if (const Settled* settled = std::get_if<Settled>(&happening); settled != nullptr && settled->deleted)
    removing_.erase(settled->server);
  happenings_.push_back(std::move(happening));
  if (happenings_.size() == 1) changed_.notify_all();
}

void LoadClient::call_begins() {
  std::lock_guard lock(mutex_);
  ++calls_;
}

void LoadClient::call_ended() {
  std::lock_guard lock(mutex_);
  if (--calls_ == 0) changed_.notify_all();
}

}  // namespace kilonova::cli
