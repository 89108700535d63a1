#include "rpc/node/doorkeeper.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "rpc/loop/steady_now.h"
#include "runtime/source_address.h"

namespace kilonova {
namespace {

constexpr size_t kMostConnections = 4'096;
constexpr size_t kSourceShare = 4;
constexpr const char* kUnixSource = "unix:";

constexpr int kAcceptedInARow = 64;
// How long nobody is let in when the system has no descriptors or no memory left.
constexpr Duration kPause = milliseconds(100);
// Looking for the ended ones costs a system call each.
constexpr int64_t kLookAgainUs = 50'000;

// Errors of accept() that are about one connection that is gone already (accept(2)); all others are about this process.
bool is_of_one_connection(int error) {
  for (int known : {ECONNABORTED, EINTR, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                    ENETUNREACH, EPERM})
    if (error == known) return true;
  return false;
}

std::string source_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof text);
  } else {
    return kUnixSource;
  }
  return source_of_host(text);
}

// The mode of a socket file keeps others out. A directory that was opened, or a descriptor that was handed on, does not.
bool is_of_this_user(int connection) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

ino_t inode_of(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

Doorkeeper::Limits Doorkeeper::limits_of(size_t files) {
  size_t all = std::clamp<size_t>(files / 4, 1, kMostConnections);
  return {all, std::max<size_t>(1, all / kSourceShare)};
}

Doorkeeper::Doorkeeper(rpc::GrpcQueue& queue, Refused refused)
    : queue_(queue), refused_(std::move(refused)), orders_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  KN_CHECK(orders_ >= 0, "the system gives no eventfd");
}

Doorkeeper::~Doorkeeper() {
  stop();
  KN_CHECK(idle(), "a doorkeeper was destroyed while the queue held an event of it");
  ::close(orders_);
}

void Doorkeeper::add(std::vector<ListeningSocket> sockets, Admit admit) {
  for (ListeningSocket& socket : sockets) doors_.push_back({std::move(socket), admit});
}

void Doorkeeper::start(Limits limits) {
  limits_ = limits;
  if (!doors_.empty()) thread_ = std::thread([this] { wait_for_sockets(); });
}

void Doorkeeper::stop() {
  if (thread_.joinable()) {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      if (told_) alarm_.Cancel();
    }
    ::eventfd_write(orders_, 1);
    thread_.join();
  }
  doors_.clear();
}

void Doorkeeper::hang_up() {
  forget_ended();
  for (const auto& [source, connections] : connections_)
    for (const Connection& one : connections) ::shutdown(one.fd, SHUT_RDWR);
}

bool Doorkeeper::idle() const {
  std::lock_guard lock(mutex_);
  return !told_;
}

// ---- the thread

void Doorkeeper::wait_for_sockets() {
  std::vector<pollfd> waits;
  for (const Door& door : doors_) waits.push_back({door.socket.fd(), POLLIN, 0});
  waits.push_back({orders_, POLLIN, 0});
  for (;;) {
    Duration pause;
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      pause = std::exchange(pause_, {});
    }
    if (pause > Duration{}) {
      ::poll(&waits.back(), 1, static_cast<int>(pause.us / 1'000));
    } else {
      ::poll(waits.data(), waits.size(), -1);
    }
    eventfd_t orders = 0;
    if (::eventfd_read(orders_, &orders) == 0 || pause > Duration{}) continue;
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      told_ = true;
      alarm_.Set(&queue_.queue(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &ready_);
    }
    ::poll(&waits.back(), 1, -1);  // until the loop has accepted
    (void)::eventfd_read(orders_, &orders);
  }
}

// ---- the loop

void Doorkeeper::ready(bool ok) {
  Duration pause;
  if (ok)
    for (Door& door : doors_) pause = std::max(pause, accept_some(door));
  {
    std::lock_guard lock(mutex_);
    told_ = false;
    pause_ = pause;
  }
  ::eventfd_write(orders_, 1);
}

Duration Doorkeeper::accept_some(Door& door) {
  for (int i = 0; i < kAcceptedInARow; ++i) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    int connection =
        ::accept4(door.socket.fd(), reinterpret_cast<sockaddr*>(&from), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection >= 0) {
      take(door, connection, source_of(from));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return {};
    } else if (!is_of_one_connection(errno)) {
      return kPause;
    }
  }
  return {};
}

void Doorkeeper::take(Door& door, int connection, const std::string& source) {
  const bool is_stranger = source == kUnixSource && !is_of_this_user(connection);
  if (is_stranger && refused_)
    refused_(source, {ErrorCode::kPermissionDenied, "another user's process opened this cloud's socket"});
  if (is_stranger || !has_room(source)) {
    ::close(connection);
    return;
  }
  if (source != kUnixSource) {
    int on = 1;
    ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  connections_[source].push_back({connection, inode_of(connection)});
  ++known_;
  door.admit(connection);
}

bool Doorkeeper::has_room(const std::string& source) {
  auto refusal = [&]() -> std::string {
    auto of_source = connections_.find(source);
    size_t count = of_source == connections_.end() ? 0 : of_source->second.size();
    if (source != kUnixSource && count >= limits_.of_source)
      return fmt::format("{} connections from there are open, as many as one address may have", count);
    if (known_ >= limits_.connections) return fmt::format("{} connections are open, as many as there may be", known_);
    return "";
  };
  std::string why = refusal();
  if (why.empty()) return true;
  if (int64_t now = rpc::steady_now().us; now - looked_at_us_ >= kLookAgainUs) {
    looked_at_us_ = now;
    forget_ended();
    why = refusal();
  }
  if (!why.empty() && refused_) refused_(source, {ErrorCode::kResourceExhausted, why});
  return why.empty();
}

void Doorkeeper::forget_ended() {
  for (auto& [source, connections] : connections_)
    known_ -= std::erase_if(connections, [](const Connection& one) { return inode_of(one.fd) != one.inode; });
  std::erase_if(connections_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace kilonova
