#include "tests/support/store/postgres_proxy.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/check.h"

namespace kilonova {
namespace {

constexpr const char* kSocketName = "/.s.PGSQL.5432";

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

// What there is to read; empty at the end.
std::string received(int socket) {
  std::string bytes(1 << 16, '\0');
  const ssize_t n = ::read(socket, bytes.data(), bytes.size());
  bytes.resize(n < 0 ? 0 : static_cast<size_t>(n));
  return bytes;
}

bool forward(int socket, const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<size_t>(n);
  }
  return true;
}

}  // namespace

PostgresProxy::PostgresProxy(const std::string& url) {
  directory_ = (std::filesystem::temp_directory_path() / "kilonova-proxy-XXXXXX").string();
  KN_CHECK(::mkdtemp(directory_.data()) != nullptr, "no temporary directory could be made");
  const size_t host = url.find("host=") + std::strlen("host=");
  server_socket_ = url.substr(host) + kSocketName;
  url_ = url.substr(0, host) + directory_;
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  const sockaddr_un address = address_of(directory_ + kSocketName);
  KN_CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0, "no socket");
  KN_CHECK(::listen(listener_, 16) == 0, "no socket");
  thread_ = std::thread([this] { serve(); });
}

PostgresProxy::~PostgresProxy() {
  (void)::eventfd_write(stop_, 1);
  thread_.join();
  for (std::thread& pump : pumps_) pump.join();
  ::close(listener_);
  ::close(stop_);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void PostgresProxy::cut(Cut where, std::function<void()> meanwhile) {
  std::lock_guard lock(mutex_);
  cut_ = where;
  meanwhile_ = std::move(meanwhile);
}

void PostgresProxy::serve() {
  for (;;) {
    pollfd sources[] = {{listener_, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (::poll(sources, 2, -1) < 0) continue;
    if (sources[1].revents != 0) return;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client >= 0) pumps_.emplace_back([this, client] { pump(client); });
  }
}

bool PostgresProxy::cuts_here(Cut where, const std::string& bytes) {
  std::lock_guard lock(mutex_);
  if (cut_ != where || bytes.find("COMMIT") == std::string::npos) return false;
  cut_ = Cut::kNone;
  ++cuts_;
  if (meanwhile_) std::exchange(meanwhile_, nullptr)();
  return true;
}

void PostgresProxy::pump(int client) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(server_socket_);
  bool is_open = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  while (is_open) {
    pollfd sources[] = {{client, POLLIN, 0}, {server, POLLIN, 0}, {stop_, POLLIN, 0}};
    if (::poll(sources, 3, -1) < 0) continue;
    if (sources[2].revents != 0) break;
    if (sources[0].revents != 0) {
      const std::string bytes = received(client);
      is_open = !bytes.empty() && !cuts_here(Cut::kBeforeCommit, bytes) && forward(server, bytes);
    }
    if (is_open && sources[1].revents != 0) {
      const std::string bytes = received(server);
      is_open = !bytes.empty() && !cuts_here(Cut::kAfterCommit, bytes) && forward(client, bytes);
    }
  }
  ::close(server);
  ::close(client);
}

}  // namespace kilonova
