// A process that is frozen (SIGSTOP) is noticed, both when nothing is sent to it and when its sockets are full, and returns
// with nothing lost when it is thawed. Real processes, real time-outs: this takes about twenty seconds.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/rpc-link/link_messages.h"
#include "grpc_world.h"

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
  RealLoop loop;
  NoLog log;
  Echo echo;
  NodeOptions options;
  options.self = kController;
  options.incarnation = 1;
  options.listen = address;
  GrpcNode node(loop, options, echo, log);
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

TEST(Frozen, IsNoticedAndReturns) {
  TemporaryDirectory directory;
  Pair idle("unix:" + directory.path() + "/a");
  Pair flooded("unix:" + directory.path() + "/b");
  LoopThread thread;  // after the forks
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
      pair->node = std::make_unique<GrpcNode>(thread.loop(), options, *pair->recorder, log);
      ASSERT_TRUE(pair->node->start());
    });
    ASSERT_TRUE(wait([&] { return pair->recorder->is_up({kController, 1}); }));
  }

  for (Pair* pair : {&idle, &flooded}) ::kill(pair->controller, SIGSTOP);
  constexpr uint64_t kFlood = 3000;
  thread.run([&] {
    idle.node->send(kController, numbered(1));
    for (uint64_t i = 1; i <= kFlood; ++i) flooded.node->send(kController, Message{i, TokenKeys{std::string(10'000, 'x')}});
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

}  // namespace
}  // namespace kilonova::testing
