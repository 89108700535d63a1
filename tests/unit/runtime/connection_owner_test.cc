#include "runtime/connection_owner.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace kilonova {
namespace {

constexpr uid_t kNobody = 65'534;

class ConnectionOwner : public ::testing::Test {
 protected:
  ConnectionOwner() {
    sockaddr_in loopback = address_of(0);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&loopback), sizeof loopback), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    server_ = end_of(listener_, ::getsockname);
  }
  ~ConnectionOwner() override { ::close(listener_); }

  static sockaddr_in address_of(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  static TcpEnd end_of(int fd, decltype(&::getsockname) ask) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    EXPECT_EQ(ask(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
    return {"127.0.0.1", ntohs(address.sin_port)};
  }
  int connected() const {
    int client = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = address_of(server_.port);
    return ::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? client : -1;
  }
  std::vector<std::string> addresses() const { return {"unix:/run/x", "127.0.0.1:" + std::to_string(server_.port)}; }

  int listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  TcpEnd server_;
};

TEST_F(ConnectionOwner, IsTheUserOfTheProcessThatConnected) {
  int client = connected();
  ASSERT_GE(client, 0);
  TcpEnd end = end_of(client, ::getsockname);
  EXPECT_EQ(owner_of_client(end, server_), ::geteuid());
  EXPECT_TRUE(is_own_client(end, addresses()));
  EXPECT_TRUE(is_own_client(end, std::vector<std::string>{"localhost:" + std::to_string(server_.port)}));
  ::close(client);
}

TEST_F(ConnectionOwner, IsNobodyWhereThereIsNoConnection) {
  EXPECT_EQ(owner_of_client({"127.0.0.1", 1}, server_), std::nullopt);
  EXPECT_EQ(owner_of_client({"::1", 1}, server_), std::nullopt);
  EXPECT_EQ(owner_of_client({"", 0}, server_), std::nullopt);
  EXPECT_FALSE(is_own_client({"127.0.0.1", 1}, addresses()));
  int client = connected();
  ASSERT_GE(client, 0);
  EXPECT_FALSE(is_own_client(end_of(client, ::getsockname), {})) << "the process listens nowhere";
  ::close(client);
}

TEST_F(ConnectionOwner, OfAnotherUserIsNotOwn) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  pid_t child = ::fork();
  if (child == 0) {
    bool done = ::setuid(kNobody) == 0 && connected() >= 0;
    (void)!::write(ready[1], done ? "y" : "n", 1);
    ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  int accepted = ::accept(listener_, nullptr, nullptr);
  TcpEnd end = end_of(accepted, ::getpeername);
  EXPECT_EQ(owner_of_client(end, server_), kNobody);
  EXPECT_FALSE(is_own_client(end, addresses()));
  ::close(accepted);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace kilonova
