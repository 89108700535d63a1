#include "rpc/node/listener.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <sys/stat.h>

#include <chrono>

#include "rpc/node/address.h"
#include "rpc/node/channel.h"

namespace kilonova {
namespace {

// What a call gets that is under way when the server stops.
constexpr std::chrono::milliseconds kGrace{300};

// Once, before the first server is built: both are global to gRPC.
void enable_standard_services() {
  static const bool done = [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    return true;
  }();
  (void)done;
}

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

Listener::Listener() = default;

Listener::~Listener() { stop(); }

Expected<> Listener::start(const std::vector<Door>& doors, const std::vector<NamedService>& services) {
  std::vector<ListenAddress> parsed;
  for (const Door& door : doors) {
    Expected<ListenAddress> one = parse_listen_address(door.address);
    if (!one) return std::unexpected(one.error());
    if (Expected<> free = claim(*one); !free) return free;
    parsed.push_back(std::move(*one));
  }
  enable_standard_services();
  grpc::ServerBuilder builder;
  set_server_arguments(builder);
  for (const NamedService& one : services) builder.RegisterService(one.service);
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
  // Known to the health service from here on: set_serving() is of all that it knows.
  for (const NamedService& one : services) server_->GetHealthCheckService()->SetServingStatus(one.name, false);
  set_serving(false);
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

void Listener::stop() {
  if (!server_) return;
  set_serving(false);
  server_->Shutdown(std::chrono::system_clock::now() + kGrace);
  server_.reset();
}

void Listener::set_serving(bool serving) {
  if (server_) server_->GetHealthCheckService()->SetServingStatus(serving);
}

}  // namespace kilonova
