// Messages a second between two processes over GrpcNode, both ways at once, and what one costs; and the time of one
// question and answer in sequence. Usage: transport_bench [seconds] [messages in flight each way]
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "ports/log.h"
#include "rpc/loop/grpc_queue.h"
#include "rpc/node/grpc_node.h"
#include "runtime/real_loop.h"

namespace kilonova {
namespace {

constexpr PeerId kController{Role::kController, 0};
constexpr PeerId kCompute{Role::kCompute, 0};

class NoLog final : public Log {
 public:
  void step(const Uuid&, const TraceContext&, const StepRecord&) override {}
  void action(const TraceContext&, const InstanceAction&) override {}
  void event(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

Message small_message(uint64_t call) {
  return {call, TerminateInstance{"compute-host-0042", PlacementId{{}, call}, {}}};
}

// Sends every message back, so that as many are under way as began.
class Echo : public PeerHandler {
 public:
  void on_peer_up(const Peer& peer) override { up(peer); }
  void on_peer_down(const Peer&) override {}
  void on_message(const Peer& from, Message message) override {
    ++received;
    transport->send(from.id, std::move(message));
  }
  virtual void up(const Peer&) {}

  Transport* transport = nullptr;
  uint64_t received = 0;
};

double cpu_seconds(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct Plan {
  Duration time;
  uint64_t in_flight;
};

class Sender final : public Echo {
 public:
  Sender(RealLoop& loop, Plan plan) : loop_(loop), plan_(plan) {}

  void up(const Peer& peer) override {
    cpu_ = cpu_seconds(RUSAGE_SELF);
    began_ = loop_.now();
    for (uint64_t i = 1; i <= plan_.in_flight; ++i) transport->send(peer.id, small_message(i));
    loop_.call_after(plan_.time, [this] { loop_.stop(); });
  }

  void report(double other_cpu) const {
    double elapsed = static_cast<double>((loop_.now() - began_).us) / 1e6;
    auto count = static_cast<double>(received);
    double mine = cpu_seconds(RUSAGE_SELF) - cpu_;
    fmt::print(
        "{:6} in flight: {:9.0f} messages/s each way, {:6.1f} us a round trip, CPU a message {:.2f} us here, {:.2f} us "
        "there\n",
        plan_.in_flight, count / elapsed, static_cast<double>(plan_.in_flight) * elapsed / count * 1e6,
        mine / (2 * count) * 1e6, other_cpu / (2 * count) * 1e6);
  }

 private:
  RealLoop& loop_;
  Plan plan_;
  Instant began_;
  double cpu_ = 0;
};

NodeOptions options_of(PeerId self, const std::string& address) {
  NodeOptions options;
  options.self = self;
  options.incarnation = 1;
  options.queue_limit = 1 << 20;
  if (self == kController) options.listen = address;
  if (self != kController) options.controller = address;
  return options;
}

int controller(const std::string& address) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  rpc::GrpcQueue queue;
  RealLoop loop(queue);
  NoLog log;
  Echo echo;
  GrpcNode node(loop, queue, options_of(kController, address), echo, log);
  echo.transport = &node;
  if (Expected<> started = node.start(); !started) {
    fmt::print(stderr, "{}\n", started.error().message);
    return 1;
  }
  loop.run();
  return 0;
}

// In a process of its own: gRPC does not survive a fork.
int measure(Plan plan) {
  std::string pattern = (std::filesystem::temp_directory_path() / "kilonova-bench-XXXXXX").string();
  std::string directory = ::mkdtemp(pattern.data());
  std::string address = "unix:" + directory + "/controller";
  pid_t child = ::fork();
  if (child == 0) ::_exit(controller(address));
  {
    rpc::GrpcQueue queue;
    RealLoop loop(queue);
    NoLog log;
    Sender sender(loop, plan);
    GrpcNode node(loop, queue, options_of(kCompute, address), sender, log);
    sender.transport = &node;
    if (!node.start()) return 1;
    loop.run();
    node.stop();
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    sender.report(cpu_seconds(RUSAGE_CHILDREN));
  }
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace kilonova

int main(int argc, char** argv) {
  using kilonova::Plan;
  kilonova::Duration time = kilonova::seconds(argc > 1 ? ::atoi(argv[1]) : 3);
  std::vector<uint64_t> in_flight{1, 100, 10'000};
  if (argc > 2) in_flight = {static_cast<uint64_t>(::atoll(argv[2]))};
  for (uint64_t count : in_flight) {
    pid_t child = ::fork();
    if (child == 0) {
      int failed = kilonova::measure(Plan{time, count});
      ::fflush(stdout);
      ::_exit(failed);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) return 1;
  }
  return 0;
}
