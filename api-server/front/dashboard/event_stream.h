// EventStream: the body of one viewer's server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html): the committed changes from the moment on in which
// it was opened. An event `open` comes first; then data, with all that was committed since the one before; a comment
// now and then while nothing happens, so that a viewer that is gone is noticed. An event `end` says why nothing more
// comes: then the viewer reads anew what it shows, and opens another one.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "api-server/core/api_core.h"
#include "api-server/front/dashboard/event_text.h"
#include "base/source_counts.h"
#include "http/body.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::api::dashboard {

// Loop thread only. All that it refers to must outlive it. It pulls: a viewer that does not take what there is costs
// one batch, and once it is too far behind its stream ends.
class EventStream final : public http::BodySource {
 public:
  using Counted = std::vector<CountedSource<Uuid>>;

  EventStream(Loop& loop, ApiCore& core, EventTexts& texts, ApiCore::Watch watch, Counted counted)
      : loop_(loop), core_(core), texts_(texts), watch_(std::move(watch)), counted_(std::move(counted)) {}

  // Never fails.
  Task<Expected<std::string>> read(size_t most) override;

  static constexpr Duration kHeartbeat = seconds(5);
  // Between two pieces, so that a busy cloud's changes come in some ten pieces a second.
  static constexpr Duration kGathered = milliseconds(100);

 private:
  enum class State { kNew, kIdle, kBusy, kOver };
  Task<void> fill();
  std::string text_of(const WatchBatch& batch);

  Loop& loop_;
  ApiCore& core_;
  EventTexts& texts_;
  ApiCore::Watch watch_;
  Counted counted_;
  State state_ = State::kNew;
  std::string unread_;  // of what was made
};

}  // namespace kilonova::api::dashboard
