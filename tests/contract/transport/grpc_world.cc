#include "grpc_world.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <future>

namespace kilonova::testing {

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kilonova-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

LoopThread::~LoopThread() {
  loop_.stop();
  thread_.join();
}

void LoopThread::run(std::function<void()> action) {
  // Shared: the loop is still inside set_value() when the waiter goes on.
  auto done = std::make_shared<std::promise<void>>();
  loop_.post_from_any_thread([&action, done] {
    action();
    done->set_value();
  });
  done->get_future().wait();
}

GrpcWorld::~GrpcWorld() {
  for (auto& [id, process] : processes_) {
    if (process.node) kill(id);
  }
}

NodeOptions GrpcWorld::options(PeerId id, Incarnation incarnation) const {
  NodeOptions options;
  options.self = id;
  options.incarnation = incarnation;
  options.listen = address(id);
  options.hostname = "here";
  if (id.role != Role::kController) options.controller = address({Role::kController, 0});
  return options;
}

void GrpcWorld::start(PeerId id, Incarnation incarnation, size_t queue_limit) {
  NodeOptions chosen = options(id, incarnation);
  chosen.queue_limit = queue_limit;
  Expected<> started = start(std::move(chosen));
  ASSERT_TRUE(started) << started.error().message;
}

Expected<> GrpcWorld::start(NodeOptions options) {
  Process& process = processes_[options.self];
  process.thread = std::make_unique<LoopThread>();
  {
    std::lock_guard lock(mutex_);
    process.recorder = std::make_unique<Recorder>(mutex_, [this] { changed_.notify_all(); });
  }
  Expected<> started;
  process.thread->run([&] {
    process.node = std::make_unique<GrpcNode>(process.thread->loop(), process.thread->queue(), std::move(options),
                                              *process.recorder, log_);
    started = process.node->start();
    if (!started) process.node.reset();
  });
  return started;
}

void GrpcWorld::kill(PeerId id) {
  Process& process = processes_.at(id);
  process.thread->run([&] { process.node.reset(); });
  process.thread.reset();
}

void GrpcWorld::cut(PeerId a, PeerId b) {
  on_node(a, [b](GrpcNode& node) { node.disconnect(b); });
}

void GrpcWorld::on(PeerId id, std::function<void(Transport&)> action) {
  on_node(id, [&](GrpcNode& node) { action(node); });
}

void GrpcWorld::on_node(PeerId id, std::function<void(GrpcNode&)> action) {
  Process& process = processes_.at(id);
  process.thread->run([&] { action(*process.node); });
}

bool GrpcWorld::run_until(std::function<bool()> condition) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), condition);
}

void GrpcWorld::change(const std::function<void()>& action) {
  std::lock_guard lock(mutex_);
  action();
  changed_.notify_all();
}

Recorder& GrpcWorld::recorder(PeerId id) { return *processes_.at(id).recorder; }

std::string GrpcWorld::address(PeerId id) const { return "unix:" + directory_.path() + "/" + to_string(id); }

}  // namespace kilonova::testing
