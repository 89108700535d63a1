#include "daemon/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <utility>

#include "base/check.h"

namespace kilonova {

BlockedStopSignals::BlockedStopSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  KN_CHECK(pthread_sigmask(SIG_BLOCK, &signals_, &former_mask_) == 0, "signals cannot be blocked");
}

BlockedStopSignals::~BlockedStopSignals() { pthread_sigmask(SIG_SETMASK, &former_mask_, nullptr); }

StopSignals::StopSignals(const BlockedStopSignals& blocked, std::function<void()> on_stop)
    : on_stop_(std::move(on_stop)) {
  signals_ = signalfd(-1, &blocked.signals(), SFD_CLOEXEC);
  end_ = eventfd(0, EFD_CLOEXEC);
  KN_CHECK(signals_ >= 0 && end_ >= 0, "no file descriptors are left for signals");
  thread_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  uint64_t one = 1;
  KN_CHECK(write(end_, &one, sizeof one) == sizeof one, "an eventfd did not take a number");
  thread_.join();
  close(signals_);
  close(end_);
}

void StopSignals::watch() {
  for (bool stopping = false;;) {
    std::array<pollfd, 2> watched{{{signals_, POLLIN, 0}, {end_, POLLIN, 0}}};
    if (poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[1].revents != 0) return;
    signalfd_siginfo info;
    if (read(signals_, &info, sizeof info) != sizeof info) continue;
    if (stopping) _exit(128 + static_cast<int>(info.ssi_signo));
    stopping = true;
    on_stop_();
  }
}

}  // namespace kilonova
