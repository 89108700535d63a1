#include "sim/watcher.h"

#include <utility>

namespace kilonova::sim {
namespace {

constexpr Duration kRetry = milliseconds(700);
constexpr Duration kIdle = seconds(20);

}  // namespace

// Ends with its api-server too, and then begins again.
class Watcher::Attempt {
 public:
  explicit Attempt(Watcher* watcher) : watcher_(watcher) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() { watcher_->retry(); }

 private:
  Watcher* watcher_;
};

void Watcher::attempt() {
  if (cloud_.api().core() == nullptr || !has_server()) return retry();
  cloud_.api().clients().spawn(watch(this));
}

void Watcher::retry() {
  cloud_.loop().call_after(kRetry, [this] { attempt(); });
}

bool Watcher::has_server() const {
  return of_ != Of::kServer || !server_.is_nil() || !cloud_.ledger().rows().empty();
}

Task<bool> Watcher::log_in(api::ApiCore* core) {
  if (!token_.empty()) co_return true;
  Loop& loop = cloud_.api().loop();
  auto login = co_await core->login({.received = loop.wall_now(), .received_at = loop.now()},
                                    {.user = user(), .password = "kilonova", .project = user()});
  if (login) token_ = login->token;
  if (login) project_ = login->project_id;
  co_return login.has_value();
}

api::WatchRequest Watcher::next_request() {
  api::WatchRequest request;
  request.since = position_.revision;
  request.generation = position_.generation;
  request.all_projects = of_ != Of::kProject;
  request.stable_only = of_ == Of::kStable;
  const auto& rows = cloud_.ledger().rows();
  if (of_ == Of::kServer && server_.is_nil() && !rows.empty()) server_ = rows.begin()->first;
  if (of_ == Of::kServer) request.server = to_string(server_);
  return request;
}

Task<> Watcher::watch(Watcher* watcher) {
  Attempt attempt(watcher);
  api::ApiCore* core = watcher->cloud_.api().core();  // this frame dies before it
  // The only server may be deleted meanwhile.
  if (!co_await watcher->log_in(core) || !watcher->has_server()) co_return;
  Loop& loop = watcher->cloud_.api().loop();
  const api::WatchPosition from = watcher->position_;
  auto opened = core->open_watch({.token = watcher->token_, .received = loop.wall_now(), .received_at = loop.now()},
                                 watcher->next_request());
  if (!opened) {
    if (opened.error().code == ErrorCode::kUnauthenticated) watcher->token_.clear();
    co_return;
  }
  api::ApiCore::Watch watch = *opened;
  if (from.revision == 0) {
    WatchChecker::Filter filter{.project = {}, .server = {}, .stable_only = watcher->of_ == Of::kStable};
    if (watcher->of_ == Of::kProject) filter.project = watcher->project_;
    if (watcher->of_ == Of::kServer) filter.server = watcher->server_;
    watcher->checker_.began(watch.position.revision, filter);
  }
  for (;;) {
    auto batch = co_await core->next_events(watch, kIdle);
    if (!batch && batch.error().code == ErrorCode::kOutOfRange) {
      watcher->checker_.gap();
      watcher->position_ = {};
    }
    if (!batch && batch.error().code == ErrorCode::kUnauthenticated) watcher->token_.clear();
    if (!batch) co_return;
    watcher->checker_.told(batch->events);
    watcher->position_ = watch.position = batch->position;
  }
}

}  // namespace kilonova::sim
