#include "rpc/node/listener.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "rpc/loop/steady_now.h"
#include "rpc/node/address.h"
#include "rpc/node/channel.h"
#include "rpc/node/listening_socket.h"
#include "runtime/file_limit.h"

namespace kilonova {
namespace {

// What a call gets that is under way when the server stops.
constexpr Duration kGrace = milliseconds(300);
// Clients that were told UNAVAILABLE, and will ask again, have done so by then.
constexpr Duration kQuiet = milliseconds(100);

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

constexpr const char* kHealth = "grpc.health.v1.Health";
constexpr const char* kReflection = "grpc.reflection.v1alpha.ServerReflection";

}  // namespace

Listener::Listener(rpc::GrpcQueue& queue, const ServerLimits& limits, Doorkeeper::Refused refused)
    : queue_(queue), limits_(limits), doorkeeper_(queue, std::move(refused)), acceptor_(queue) {}

Listener::~Listener() { stop(); }

Expected<> Listener::start(const std::vector<Door>& doors, const std::vector<NamedService>& services) {
  std::vector<std::vector<ListeningSocket>> opened;
  std::vector<ListenAddress> parsed;
  for (const Door& door : doors) {
    Expected<ListenAddress> one = parse_listen_address(door.address);
    if (!one) return std::unexpected(one.error());
    Expected<std::vector<ListeningSocket>> sockets = open_sockets(*one);
    if (!sockets) return std::unexpected(sockets.error());
    parsed.push_back(std::move(*one));
    opened.push_back(std::move(*sockets));
  }
  add(services);
  grpc::ServerBuilder& builder = queue_.take_builder();
  set_server_arguments(builder);
  set_server_limits(builder, limits_);
  builder.RegisterAsyncGenericService(&acceptor_.generic_service());
  std::vector<std::shared_ptr<Acceptor>> acceptors;
  for (size_t i = 0; i < doors.size(); ++i) {
    TlsPtr tls = parsed[i].is_unix() ? nullptr : doors[i].tls;
    acceptors.push_back(builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, server_credentials(tls)));
  }
  server_ = builder.BuildAndStart();
  if (!server_) return fail(ErrorCode::kUnavailable, "gRPC does not start a server: see standard error");
  acceptor_.start();
  addresses_.clear();
  for (size_t i = 0; i < doors.size(); ++i) {
    addresses_.push_back(doors[i].address);
    if (!parsed[i].is_unix() && parsed[i].port == "0") {
      addresses_[i].pop_back();
      addresses_[i] += std::to_string(opened[i].front().port());
    }
    doorkeeper_.add(std::move(opened[i]), [acceptor = acceptors[i]](int connection) {
      Acceptor::NewConnectionParameters one;
      one.fd = connection;
      acceptor->HandleNewConnection(&one);
    });
  }
  doorkeeper_.start(Doorkeeper::limits_of(raise_file_limit()));
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
  doorkeeper_.stop();
  if (!server_) return;
  health_.stop();
  // gRPC's own shutdown cancels the calls that nobody has taken over yet. Their clients would take CANCELLED for an
  // answer and not ask again; a lost connection is UNAVAILABLE. Idle clients lose no call: they are told by gRPC.
  if (!await_calls()) doorkeeper_.hang_up();
  // It returns when the calls have ended, which they do by the queue.
  std::atomic<bool> shut_down = false;
  std::thread shutdown([&] {
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::microseconds(kGrace.us));
    shut_down = true;
    queue_.wake();
  });
  while (!shut_down || !acceptor_.idle() || !doorkeeper_.idle()) {
    queue_.wait(std::nullopt);
    queue_.poll();
  }
  shutdown.join();
  server_.reset();
}

bool Listener::await_calls() {
  const Instant end = rpc::steady_now() + kGrace;
  queue_.poll();
  for (Instant now = rpc::steady_now(); now < end; now = rpc::steady_now()) {
    const Instant quiet = acceptor_.last_arrival() + kQuiet;
    if (acceptor_.calls() == 0 && now >= quiet) return true;
    queue_.wait(acceptor_.calls() == 0 ? std::min(quiet, end) : end);
    queue_.poll();
  }
  return false;
}

void Listener::set_serving(bool serving) { health_.set_serving(serving); }

}  // namespace kilonova
