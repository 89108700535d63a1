#include "cli/client/watch.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace kilonova::cli {
namespace {

constexpr auto kPause = std::chrono::milliseconds(100);  // between attempts to connect again

}  // namespace

Expected<uint64_t> current_revision(Session& session) {
  auto reply = session.call(&v1::Cloud::Stub::GetCloudStatus, v1::GetCloudStatusRequest());
  if (!reply) return std::unexpected(reply.error());
  return reply->status().revision();
}

void Watch::cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (context_) context_->TryCancel();
}

Expected<> Watch::run(const WatchHandler& handler) {
  auto lost_since = std::chrono::steady_clock::now();
  for (;;) {
    bool heard = false;
    Expected<bool> more = run_once(handler, heard);
    if (more && !*more) return {};
    {
      std::lock_guard lock(mutex_);
      if (cancelled_) return {};
    }
    if (!more && more.error().code == ErrorCode::kOutOfRange) {
      more = after_gap(handler);
      if (more && !*more) return {};
      if (more) continue;
    }
    auto now = std::chrono::steady_clock::now();
    if (heard) lost_since = now;
    bool may_come_back = more || more.error().code == ErrorCode::kUnavailable ||
                         more.error().code == ErrorCode::kDeadlineExceeded ||
                         more.error().code == ErrorCode::kResourceExhausted;
    if (!may_come_back) return std::unexpected(more.error());
    if (now - lost_since > std::chrono::microseconds(kPatience.us)) {
      if (!more) return std::unexpected(more.error());
      return fail(ErrorCode::kUnavailable, "the cloud ends every watch at once");
    }
    std::this_thread::sleep_for(kPause);
  }
}

Expected<bool> Watch::run_once(const WatchHandler& handler, bool& heard) {
  if (auto ready = session_.log_in(); !ready) return std::unexpected(ready.error());
  auto context = std::make_shared<grpc::ClientContext>();
  session_.prepare(*context, Duration{});
  {
    std::lock_guard lock(mutex_);
    if (cancelled_) return false;
    context_ = context;
  }
  v1::WatchRequest request;
  request.set_since(options_.since);
  request.set_generation(options_.generation);
  request.set_all_projects(options_.all_projects);
  request.set_server(options_.server);
  request.set_stable_only(options_.stable_only);
  request.set_cloud_events(options_.cloud_events);
  auto stream = session_.stub().Watch(context.get(), request);
  v1::WatchReply reply;
  while (stream->Read(&reply)) {
    if (!heard && handler.on_standing) handler.on_standing();
    heard = true;
    bool more = std::ranges::all_of(reply.events(), handler.on_event);
    if (more && handler.on_cloud_event) more = std::ranges::all_of(reply.cloud_events(), handler.on_cloud_event);
    if (!more) {
      context->TryCancel();
      stream->Finish();
      return false;
    }
    options_.since = reply.revision();
    options_.generation = reply.generation();
  }
  grpc::Status status = stream->Finish();
  if (status.ok() || session_.token_refused(status)) return true;
  return std::unexpected(session_.error_of(status));
}

Expected<bool> Watch::after_gap(const WatchHandler& handler) {
  // The revision first: what changes between the two is then heard, at worst twice.
  Expected<uint64_t> revision = current_revision(session_);
  if (!revision) return std::unexpected(revision.error());
  options_.since = *revision;
  options_.generation = 0;
  return handler.on_gap();
}

}  // namespace kilonova::cli
