// GrpcWorld: processes as GrpcNodes on unix sockets in a directory of their own, each on a loop and thread of its own.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "ports/log.h"
#include "rpc/loop/grpc_queue.h"
#include "rpc/node/grpc_node.h"
#include "runtime/real_loop.h"
#include "transport_world.h"

namespace kilonova::testing {

class NoLog final : public Log {
 public:
  void step(const Uuid&, const TraceContext&, const StepRecord&) override {}
  void action(const TraceContext&, const InstanceAction&) override {}
  void event(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

// A directory that goes with its content.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A loop and the thread that runs it.
class LoopThread {
 public:
  LoopThread() : queue_(std::make_unique<rpc::GrpcQueue>()), loop_(*queue_), thread_([this] { loop_.run(); }) {}
  // Waits in this; there is no queue().
  explicit LoopThread(EventSource& source) : loop_(source), thread_([this] { loop_.run(); }) {}
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  ~LoopThread();
  RealLoop& loop() { return loop_; }
  rpc::GrpcQueue& queue() { return *queue_; }
  // Runs on the loop, and waits.
  void run(std::function<void()> action);

 private:
  std::unique_ptr<rpc::GrpcQueue> queue_;
  RealLoop loop_;
  std::thread thread_;
};

class GrpcWorld final : public TransportWorld {
 public:
  GrpcWorld() = default;
  ~GrpcWorld() override;

  void start(PeerId id, Incarnation incarnation, size_t queue_limit) override;
  void kill(PeerId id) override;
  void cut(PeerId a, PeerId b) override;
  void on(PeerId id, std::function<void(Transport&)> action) override;
  bool run_until(std::function<bool()> condition) override;
  Recorder& recorder(PeerId id) override;

  // For what only this transport has.
  NodeOptions options(PeerId id, Incarnation incarnation) const;
  Expected<> start(NodeOptions options);
  void on_node(PeerId id, std::function<void(GrpcNode&)> action);
  std::string address(PeerId id) const;
  // Called under the mutex that run_until's condition is evaluated with.
  void change(const std::function<void()>& action);

 private:
  struct Process {
    std::unique_ptr<LoopThread> thread;
    std::unique_ptr<Recorder> recorder;
    std::unique_ptr<GrpcNode> node;
  };

  TemporaryDirectory directory_;
  NoLog log_;
  std::recursive_mutex mutex_;
  std::condition_variable_any changed_;
  std::map<PeerId, Process> processes_;
};

}  // namespace kilonova::testing
