// What takes real processes: freezing (SIGSTOP), which takes real time-outs, about twenty seconds; and a process that has no
// server of its own.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grpc_world.h"
#include "tests/unit/rpc-link/link_messages.h"

namespace kilonova::testing {
namespace {

constexpr PeerId kController{Role::kController, 0};
constexpr PeerId kCompute{Role::kCompute, 0};

// Answers each message with its own call.
class Echo final : public PeerHandler {
 public:
  void on_peer_up(const Peer&) override {}
  void on_peer_down(const Peer&) override {}
  void on_message(const Peer& from, Message message) override { transport->send(from.id, numbered(message.call)); }
  Transport* transport = nullptr;
};

pid_t fork_controller(const std::string& address) {
  pid_t parent = ::getpid();
  pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  rpc::GrpcQueue queue;
  RealLoop loop(queue);
  NoLog log;
  Echo echo;
  NodeOptions options;
  options.self = kController;
  options.incarnation = 1;
  options.listen = address;
  GrpcNode node(loop, queue, options, echo, log);
  echo.transport = &node;
  if (!node.start()) ::_exit(1);
  loop.run();
  ::_exit(0);
}

// A compute process of its own controller, as the parent sees it.
struct Pair {
  explicit Pair(const std::string& address) : controller(fork_controller(address)), address(address) {}
  ~Pair() {
    ::kill(controller, SIGKILL);
    ::waitpid(controller, nullptr, 0);
  }
  pid_t controller;
  std::string address;
  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<GrpcNode> node;
};

class Processes : public ::testing::Test {
 protected:
  // All forks come before this process first uses gRPC.
  static void SetUpTestSuite() {
    directory = std::make_unique<TemporaryDirectory>();
    for (const char* name : {"idle", "flooded", "steady"}) {
      pairs.push_back(std::make_unique<Pair>("unix:" + directory->path() + "/" + name));
    }
  }
  static void TearDownTestSuite() {
    pairs.clear();
    directory.reset();
  }

  static inline std::unique_ptr<TemporaryDirectory> directory;
  static inline std::vector<std::unique_ptr<Pair>> pairs;
};

// A frozen process is noticed, both when nothing is sent to it and when its sockets are full, and returns with nothing lost.
TEST_F(Processes, FrozenAndThawed) {
  Pair& idle = *pairs[0];
  Pair& flooded = *pairs[1];
  LoopThread thread;
  NoLog log;
  std::recursive_mutex mutex;
  std::condition_variable_any changed;
  auto wait = [&](std::function<bool()> condition) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(40), condition);
  };
  for (Pair* pair : {&idle, &flooded}) {
    pair->recorder = std::make_unique<Recorder>(mutex, [&] { changed.notify_all(); });
    NodeOptions options;
    options.self = kCompute;
    options.incarnation = 1;
    options.controller = pair->address;
    thread.run([&] {
      pair->node = std::make_unique<GrpcNode>(thread.loop(), thread.queue(), options, *pair->recorder, log);
      ASSERT_TRUE(pair->node->start());
    });
    ASSERT_TRUE(wait([&] { return pair->recorder->is_up({kController, 1}); }));
  }

  for (Pair* pair : {&idle, &flooded}) ::kill(pair->controller, SIGSTOP);
  constexpr uint64_t kFlood = 3000;
  thread.run([&] {
    idle.node->send(kController, numbered(1));
    for (uint64_t i = 1; i <= kFlood; ++i)
      flooded.node->send(kController, Message{i, TokenKeys{std::string(10'000, 'x')}});
  });
  for (Pair* pair : {&idle, &flooded}) {
    EXPECT_TRUE(wait([&] { return pair->recorder->count(PeerEvent::kDown, kController) == 1; }));
    ::kill(pair->controller, SIGCONT);
  }
  EXPECT_TRUE(wait([&] { return !idle.recorder->calls(kController).empty(); }));
  EXPECT_TRUE(wait([&] { return flooded.recorder->calls(kController).size() >= kFlood; }));
  std::vector<uint64_t> calls = flooded.recorder->calls(kController);
  for (uint64_t i = 1; i <= kFlood; ++i) ASSERT_EQ(calls[i - 1], i);
  EXPECT_EQ(idle.recorder->calls(kController).size(), 1u);
  thread.run([&] {
    idle.node.reset();
    flooded.node.reset();
  });
}

// The last channel of a process takes gRPC's threads with it, so it must not be one of those that lets go of it last.
TEST_F(Processes, WithoutAServerComesAndGoes) {
  LoopThread thread;
  NoLog log;
  std::recursive_mutex mutex;
  std::condition_variable_any changed;
  for (Incarnation incarnation = 1; incarnation <= 200; ++incarnation) {
    Recorder recorder(mutex, [&] { changed.notify_all(); });
    NodeOptions options;
    options.self = kCompute;
    options.incarnation = incarnation;
    options.controller = pairs[2]->address;
    std::unique_ptr<GrpcNode> node;
    thread.run([&] {
      node = std::make_unique<GrpcNode>(thread.loop(), thread.queue(), options, recorder, log);
      ASSERT_TRUE(node->start());
    });
    std::unique_lock lock(mutex);
    bool up = changed.wait_for(lock, std::chrono::seconds(30), [&] { return recorder.is_up({kController, 1}); });
    lock.unlock();
    thread.run([&] {
      if (incarnation % 2 == 0) node->disconnect(kController);
      node.reset();
    });
    ASSERT_TRUE(up) << incarnation;
  }
}

}  // namespace
}  // namespace kilonova::testing
