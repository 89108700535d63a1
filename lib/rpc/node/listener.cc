#include "rpc/node/listener.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "rpc/node/address.h"
#include "rpc/node/channel.h"

namespace kilonova {
namespace {

// What a call gets that is under way when the server stops.
constexpr std::chrono::milliseconds kGrace{300};

constexpr const char* kHealth = "grpc.health.v1.Health";
constexpr const char* kReflection = "grpc.reflection.v1alpha.ServerReflection";

class PrivateFiles {
 public:
  PrivateFiles() : before_(::umask(0177)) {}
  PrivateFiles(const PrivateFiles&) = delete;
  PrivateFiles& operator=(const PrivateFiles&) = delete;
  ~PrivateFiles() { ::umask(before_); }

 private:
  mode_t before_;
};

}  // namespace

Listener::Listener(rpc::GrpcQueue& queue) : queue_(queue), acceptor_(queue) {}

Listener::~Listener() { stop(); }

Expected<> Listener::start(const std::vector<Door>& doors, const std::vector<NamedService>& services) {
  std::vector<ListenAddress> parsed;
  for (const Door& door : doors) {
    Expected<ListenAddress> one = parse_listen_address(door.address);
    if (!one) return std::unexpected(one.error());
    if (Expected<> free = claim(*one); !free) return free;
    parsed.push_back(std::move(*one));
  }
  add(services);
  grpc::ServerBuilder& builder = queue_.take_builder();
  set_server_arguments(builder);
  builder.RegisterAsyncGenericService(&acceptor_.generic_service());
  std::vector<int> ports(doors.size(), 0);
  for (size_t i = 0; i < doors.size(); ++i) {
    TlsPtr tls = parsed[i].is_unix() ? nullptr : doors[i].tls;
    builder.AddListeningPort(doors[i].address, server_credentials(tls), &ports[i]);
  }
  {
    PrivateFiles from_the_moment_the_socket_exists;
    server_ = builder.BuildAndStart();
  }
  if (!server_) {
    std::string names;
    for (size_t i = 0; i < doors.size(); ++i) {
      if (ports[i] == 0) names += (names.empty() ? "" : ", ") + doors[i].address;
    }
    return fail(ErrorCode::kUnavailable, fmt::format("can't listen on {}", names.empty() ? "any address" : names));
  }
  acceptor_.start();
  addresses_.clear();
  for (size_t i = 0; i < doors.size(); ++i) {
    addresses_.push_back(doors[i].address);
    if (!parsed[i].is_unix() && parsed[i].port == "0") {
      addresses_[i].pop_back();
      addresses_[i] += std::to_string(ports[i]);
    }
  }
  return {};
}

void Listener::add(const std::vector<NamedService>& services) {
  std::vector<NamedService> all = services;
  all.push_back({&health_, kHealth});
  all.push_back({&reflection_, kReflection});
  for (const NamedService& one : all) {
    acceptor_.add(one.name, *one.service);
    reflection_.add(one.name);
    health_.add(one.name);
  }
}

void Listener::stop() {
  if (!server_) return;
  health_.stop();
  // It returns when the calls have ended, which they do by the queue.
  std::atomic<bool> shut_down = false;
  std::thread shutdown([&] {
    server_->Shutdown(std::chrono::system_clock::now() + kGrace);
    shut_down = true;
    queue_.wake();
  });
  while (!shut_down || !acceptor_.idle()) {
    queue_.wait(std::nullopt);
    queue_.poll();
  }
  shutdown.join();
  server_.reset();
}

void Listener::set_serving(bool serving) { health_.set_serving(serving); }

}  // namespace kilonova
