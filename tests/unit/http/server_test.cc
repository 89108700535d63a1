// The server on real sockets: several listeners, TLS, its limits, its end.
#include "http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/real_loop.h"
#include "runtime/sleep.h"

namespace kilonova::http {
namespace {

// A blocking client of a test.
class Client {
 public:
  explicit Client(const std::string& address) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval limit{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Client() {
    if (fd_ >= 0) ::close(fd_);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  // Until it has this text at its end, or the server has closed.
  std::string read_until(std::string_view end) {
    std::string text;
    char bytes[4096];
    while (end.empty() || !text.ends_with(end)) {
      ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
      if (got <= 0) break;
      text.append(bytes, static_cast<size_t>(got));
    }
    return text;
  }

 private:
  int fd_ = -1;
};

class ServerTest : public ::testing::Test {
 protected:
  ~ServerTest() override { end(); }

  void start(ServerOptions options = {}) {
    server_ = std::make_unique<Server>(loop_, [this](Request request) { return answer(std::move(request)); }, options);
    ASSERT_TRUE(server_->listen("127.0.0.1:0", {}));
    address_ = server_->addresses().front();
    thread_ = std::thread([this] { loop_.run(); });
  }
  void end() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
    server_.reset();
  }

  // "/never" is not answered.
  Task<Response> answer(Request request) {
    if (request.target == "/never") co_await sleep_forever();
    co_return Response{200, {}, request.client.host + request.target + std::to_string(request.body.size())};
  }
  detail::Sleep sleep_forever() { return sleep_for(loop_, seconds(1'000'000)); }

  RealLoop loop_;
  std::unique_ptr<Server> server_;
  std::string address_;
  std::thread thread_;
};

std::string get(std::string_view path) { return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n"; }

TEST_F(ServerTest, AnswersOnOneConnectionAgainAndAgain) {
  start();
  Client client(address_);
  for (int i = 0; i < 100; ++i) {
    client.send(get("/a"));
    EXPECT_TRUE(client.read_until("127.0.0.1/a0").starts_with("HTTP/1.1 200 OK"));
  }
}

TEST_F(ServerTest, ServesManyAtOnce) {
  start();
  std::vector<Client> clients;
  for (int i = 0; i < 200; ++i) clients.emplace_back(address_);
  std::string body(50'000, 'x');
  for (Client& client : clients) client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 50000\r\n\r\n" + body);
  for (Client& client : clients) EXPECT_TRUE(client.read_until("/p50000").ends_with("/p50000"));
}

TEST_F(ServerTest, ClosesTheIdlestForANewOne) {
  start({.connection = {}, .max_connections = 2, .max_of_source = 2});
  Client first(address_), second(address_);
  first.send(get("/1"));
  first.read_until("/10");
  second.send(get("/2"));
  second.read_until("/20");
  Client third(address_);
  third.send(get("/3"));
  EXPECT_TRUE(third.read_until("/30").ends_with("/30"));
  EXPECT_EQ(first.read_until(""), "") << "it was closed";
  second.send(get("/2"));
  EXPECT_TRUE(second.read_until("/20").ends_with("/20")) << "this one was not";
}

TEST_F(ServerTest, LetsNewOnesWaitWhileNoneIsIdle) {
  start({.connection = {.linger_limit = milliseconds(10)}, .max_connections = 1});
  auto busy = std::make_unique<Client>(address_);
  busy->send("GET / HT");
  Client waiting(address_);
  waiting.send(get("/w"));
  busy.reset();  // it has ended: there is room
  EXPECT_TRUE(waiting.read_until("/w0").ends_with("/w0"));
}

TEST_F(ServerTest, EndsWhateverItsConnectionsDo) {
  start();
  std::vector<Client> clients;
  for (const char* bytes : {"", "GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"}) {
    clients.emplace_back(address_);
    clients.back().send(bytes);
  }
  clients.emplace_back(address_);
  clients.back().send(get("/never"));
  Client last(address_);
  last.send(get("/a"));
  last.read_until("/a0");
  end();
  for (Client& client : clients) EXPECT_EQ(client.read_until(""), "");
}

TEST(Listen, RefusesAddressesThatCannotBeHad) {
  RealLoop loop;
  Server server(loop, [](Request) -> Task<Response> { co_return Response{}; }, {});
  for (const char* bad : {"", "8774", ":8774", "no.such.host.invalid:1", "127.0.0.1:notaport", "192.0.2.1:8774"}) {
    Expected<> listening = server.listen(bad, {});
    ASSERT_FALSE(listening) << bad;
    EXPECT_EQ(listening.error().code, ErrorCode::kInvalidArgument) << bad << ": " << listening.error().message;
  }
  ASSERT_TRUE(server.listen("127.0.0.1:0", {}));
  Expected<> again = server.listen(server.addresses().front(), {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_NE(again.error().message.find(server.addresses().front()), std::string::npos);
}

TEST(Listen, ServesOnSeveralAddresses) {
  RealLoop loop;
  Server server(loop, [](Request) -> Task<Response> { co_return Response{200, {}, "here"}; }, {});
  ASSERT_TRUE(server.listen("127.0.0.1:0", {}));
  ASSERT_TRUE(server.listen("localhost:0", {}));
  std::vector<std::string> addresses = server.addresses();
  ASSERT_EQ(addresses.size(), 2u);
  std::thread thread([&] { loop.run(); });
  Client client(addresses.front());
  client.send(get("/"));
  EXPECT_TRUE(client.read_until("here").ends_with("here"));
  loop.stop();
  thread.join();
}

TEST(Tls, RefusesTextsThatAreNone) {
  EXPECT_FALSE(*make_tls_context({}));
  Expected<TlsContext> context = make_tls_context({"no certificate", "no key", ""});
  ASSERT_FALSE(context);
  EXPECT_EQ(context.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace kilonova::http
