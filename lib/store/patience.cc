#include "store/patience.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/check.h"

namespace kilonova {

Patience::Patience() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  KN_CHECK(event_ >= 0, "no eventfd could be made");
}

Patience::~Patience() { ::close(event_); }

void Patience::end() {
  ending_ = true;
  (void)::eventfd_write(event_, 1);
}

bool Patience::wait_for(int socket, bool for_writing) {
  for (;;) {
    int timeout = -1;
    if (ending_) {
      if (over_at_ == Clock::time_point{}) over_at_ = Clock::now() + kLastWait;
      auto left = std::chrono::ceil<std::chrono::milliseconds>(over_at_ - Clock::now());
      if (left.count() <= 0) return false;
      timeout = static_cast<int>(left.count());
    }
    const auto wanted = static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN);
    pollfd sources[] = {{socket, wanted, 0}, {ending_ ? -1 : event_, POLLIN, 0}};
    if (::poll(sources, 2, timeout) > 0 && sources[0].revents != 0) return true;
  }
}

bool Patience::pause(Duration time) {
  if (ending_) return false;
  pollfd source{event_, POLLIN, 0};
  (void)::poll(&source, 1, static_cast<int>(std::max<int64_t>(time.us / 1000, 1)));
  return !ending_;
}

}  // namespace kilonova
