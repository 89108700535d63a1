// What addresses a daemon takes, and what it says of those it can't have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "grpc_world.h"
#include "rpc/node/address.h"

namespace kilonova::testing {
namespace {

using ::testing::HasSubstr;

constexpr PeerId kController{Role::kController, 0};

NodeOptions controller_at(const std::string& listen) {
  NodeOptions options;
  options.self = kController;
  options.incarnation = 1;
  options.listen = listen;
  return options;
}

NodeOptions guarded_at(std::string address) {
  NodeOptions options = controller_at(std::move(address));
  options.cluster_secret = *ClusterSecret::parse("s3cret");
  return options;
}

// A node that may not start.
class OneNode {
 public:
  explicit OneNode(NodeOptions options) : node(loop, queue, std::move(options), recorder, log) {}

  std::recursive_mutex mutex;
  Recorder recorder{mutex, [] {}};
  NoLog log;
  rpc::GrpcQueue queue;
  RealLoop loop{queue};
  GrpcNode node;
};

TEST(Address, TakesSocketsAndPorts) {
  EXPECT_EQ(parse_listen_address("unix:/run/k.sock")->socket_path, "/run/k.sock");
  EXPECT_EQ(parse_listen_address("unix:///run/k.sock")->socket_path, "/run/k.sock");
  EXPECT_EQ(parse_listen_address("localhost:8775")->port, "8775");
  EXPECT_EQ(parse_listen_address("[::1]:80")->host, "::1");
  for (const char* wrong : {"", "unix:", "8775", ":8775", "host:", "host:x", "host:65536", "host:-1", "/run/k.sock"}) {
    Expected<ListenAddress> parsed = parse_listen_address(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument) << wrong;
  }
}

TEST(Address, ASocketPathHasALimit) {
  EXPECT_TRUE(parse_listen_address("unix:/" + std::string(106, 'a')));
  Expected<ListenAddress> parsed = parse_listen_address("unix:/" + std::string(107, 'a'));
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("108 bytes"));
  EXPECT_THAT(parsed.error().message, HasSubstr("107"));
}

TEST(Address, KnowsWhatIsOfThisMachine) {
  for (const char* local : {"unix:/a", "localhost:1", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1"}) {
    EXPECT_TRUE(is_local(*parse_listen_address(local))) << local;
  }
  for (const char* remote : {"0.0.0.0:1", "192.168.1.1:1", "[::]:1", "example.org:1"}) {
    EXPECT_FALSE(is_local(*parse_listen_address(remote))) << remote;
  }
  EXPECT_TRUE(is_local_client("unix:"));
  EXPECT_TRUE(is_local_client("ipv4:127.0.0.1:4711"));
  EXPECT_TRUE(is_local_client("ipv6:%5B::1%5D:4711"));
  EXPECT_FALSE(is_local_client("ipv4:10.0.0.1:4711"));
  EXPECT_FALSE(is_local_client("ipv6:%5Bfe80::1%5D:4711"));
}

TEST(Listening, ASocketIsForItsOwnerAlone) {
  TemporaryDirectory directory;
  OneNode one(controller_at("unix:" + directory.path() + "/s"));
  ASSERT_TRUE(one.node.start());
  struct stat status{};
  ASSERT_EQ(::stat((directory.path() + "/s").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(Listening, ASocketInUseIsNotTakenOver) {
  TemporaryDirectory directory;
  std::string address = "unix:" + directory.path() + "/s";
  OneNode first(controller_at(address));
  ASSERT_TRUE(first.node.start());
  OneNode second(guarded_at(address));
  Expected<> started = second.node.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(started.error().message, HasSubstr(address));
  EXPECT_TRUE(std::ifstream("/proc/net/unix").good());
  struct stat status{};
  EXPECT_EQ(::stat((directory.path() + "/s").c_str(), &status), 0);
}

TEST(Listening, AStaleSocketIsReplaced) {
  TemporaryDirectory directory;
  std::string path = directory.path() + "/s";
  int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(fd);  // the file stays, as after a kill
  OneNode one(controller_at("unix:" + path));
  Expected<> started = one.node.start();
  EXPECT_TRUE(started) << started.error().message;
}

TEST(Listening, AFileThatIsNoSocketIsLeftAlone) {
  TemporaryDirectory directory;
  std::string path = directory.path() + "/precious";
  std::ofstream(path) << "data";
  OneNode one(controller_at("unix:" + path));
  Expected<> started = one.node.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("is no socket"));
  std::string content;
  std::ifstream(path) >> content;
  EXPECT_EQ(content, "data");
}

TEST(Listening, ADirectoryThatIsMissingIsNamed) {
  OneNode one(controller_at("unix:/nonexistent-directory/s"));
  Expected<> started = one.node.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("/nonexistent-directory/s"));
}

TEST(Listening, APortInUseIsNamed) {
  OneNode first(guarded_at("127.0.0.1:0"));
  ASSERT_TRUE(first.node.start());
  std::string address = first.node.addresses().front();
  EXPECT_NE(address, "127.0.0.1:0");
  OneNode second(guarded_at(address));
  Expected<> started = second.node.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(started.error().message, HasSubstr(address + " is in use"));
}

TEST(Listening, APublicPortInUseIsNamedToo) {
  TemporaryDirectory directory;
  OneNode first(guarded_at("127.0.0.1:0"));
  ASSERT_TRUE(first.node.start());
  OneNode second(controller_at("unix:" + directory.path() + "/s"));
  second.node.add_listen(first.node.addresses().front());
  Expected<> started = second.node.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr(first.node.addresses().front()));
}

// Other users of this machine reach its loopback ports too.
TEST(Listening, OnTcpOnlyWithASecret) {
  for (const char* address : {"0.0.0.0:0", "127.0.0.1:0", "localhost:0"}) {
    OneNode open(controller_at(address));
    Expected<> started = open.node.start();
    ASSERT_FALSE(started) << address;
    EXPECT_THAT(started.error().message, HasSubstr("cluster secret"));
    OneNode guarded(guarded_at(address));
    EXPECT_TRUE(guarded.node.start()) << address;
  }
}

TEST(Listening, NotWithAnotherRolesSecret) {
  TemporaryDirectory directory;
  NodeOptions options = controller_at("unix:" + directory.path() + "/s");
  options.cluster_secret = *ClusterSecret::parse(ClusterSecret::parse("s3cret")->for_role(Role::kCompute));
  OneNode one(std::move(options));
  Expected<> started = one.node.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("another role's"));
}

}  // namespace
}  // namespace kilonova::testing
