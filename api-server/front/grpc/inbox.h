// Inbox: what gRPC's threads hand to the loop. Unlike the loop's own inbox it can be closed while nobody runs the loop:
// what was not taken over then is destroyed, and with it every call it holds comes to its end.
#pragma once

#include <memory>

#include "runtime/callback.h"
#include "runtime/real_loop.h"

namespace kilonova::api {

class Inbox {
 public:
  explicit Inbox(RealLoop& loop);
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox();

  // Any thread. Runs the callback on the loop; destroys it here and now when the inbox is closed. Callbacks of one
  // thread run in the order they were submitted; many wake the loop once.
  void submit(Callback callback);
  // Loop thread, or the one that dismantles. Destroys what waits and all that comes.
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;  // the loop may still hold a note of it afterwards
};

}  // namespace kilonova::api
