#include "api-server/front/dashboard/event_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "runtime/sleep.h"

namespace kilonova::api::dashboard {

Task<Expected<std::string>> EventStream::read(size_t most) {
  if (unread_.empty() && state_ != State::kOver) co_await fill();
  std::string piece = unread_.substr(0, most);
  unread_.erase(0, piece.size());
  co_return piece;
}

Task<void> EventStream::fill() {
  if (state_ == State::kNew) {
    state_ = State::kIdle;
    unread_ = fmt::format("event: open\ndata: {{\"revision\":\"{}\"}}\n\n", watch_.position.revision);
    co_return;
  }
  if (state_ == State::kBusy) co_await sleep_for(loop_, kGathered);
  Expected<WatchBatch> batch = co_await core_.next_events(watch_, kHeartbeat);
  if (!batch) {
    state_ = State::kOver;
    unread_ = fmt::format("event: end\ndata: {{\"code\":\"{}\",\"message\":", to_string(batch.error().code));
    append_quoted(batch.error().message, &unread_);
    unread_ += "}\n\n";
    co_return;
  }
  watch_.position = batch->position;
  const bool is_empty = batch->events.empty() && batch->cloud_events.empty();
  const bool is_behind = batch->events.size() == WatchHub::kMaxBatch;
  state_ = is_empty || is_behind ? State::kIdle : State::kBusy;
  unread_ = is_empty ? ":\n\n" : text_of(*batch);
}

std::string EventStream::text_of(const WatchBatch& batch) {
  const auto audience = watch_.context.is_admin() ? rpc::Audience::kAdmin : rpc::Audience::kUser;
  std::string text = fmt::format("data: {{\"revision\":\"{}\",\"servers\":[", batch.position.revision);
  for (const WatchEvent& event : batch.events) {
    text += texts_.of(event, batch.position.generation, audience);
    text += ',';
  }
  if (text.ends_with(',')) text.pop_back();
  text += "],\"cloud\":[";
  for (const CloudEvent& event : batch.cloud_events) {
    text += event_text(event);
    text += ',';
  }
  if (text.ends_with(',')) text.pop_back();
  text += "]}\n\n";
  return text;
}

}  // namespace kilonova::api::dashboard
