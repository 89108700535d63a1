#include "cli/client/session.h"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "cli/client/cloud_place.h"
#include "daemon/options.h"
#include "rpc/node/channel.h"

namespace kilonova::cli {

WallTime wall_now() {
  auto since = std::chrono::system_clock::now().time_since_epoch();
  return WallTime{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

namespace {

// Where the cloud is, and whether TLS is spoken there.
struct Door {
  std::string address;
  bool tls = false;
};

Expected<Door> find_door(const CloudPlace& place) {
  if (!place.endpoint.empty()) return Door{place.endpoint, place.https || !place.tls.empty()};
  Expected<CloudFile> cloud = read_cloud_file(place.state_dir);
  if (!cloud) return std::unexpected(cloud.error());
  // The api-server's own socket needs no CA: whoever may open it is the cloud's owner.
  if (cloud->tls && place.tls.empty()) return Door{default_listen(place.state_dir, {Role::kApi, 0})};
  return Door{cloud->grpc, cloud->tls};
}

}  // namespace

Expected<std::unique_ptr<Session>> Session::open(const Globals& globals) {
  Expected<CloudPlace> place = cloud_place(globals);
  if (!place) return std::unexpected(place.error());
  Expected<Door> door = find_door(*place);
  if (!door) return std::unexpected(door.error());
  TlsPtr tls;
  if (door->tls) {
    Expected<TlsPtr> loaded = load_tls(place->tls, TlsUse::kClient);
    if (!loaded) return std::unexpected(loaded.error());
    tls = *std::move(loaded);
  }
  TokenOwner owner{place->state_dir, door->address, globals.user.value, globals.password.value, globals.project.value};
  std::shared_ptr<grpc::Channel> channel = open_channel(owner.endpoint, tls);
  return std::unique_ptr<Session>(new Session(std::move(owner), std::move(channel)));
}

Session::Session(TokenOwner owner, std::shared_ptr<grpc::Channel> channel)
    : owner_(std::move(owner)), channel_(std::move(channel)), stub_(v1::Cloud::NewStub(channel_)) {
  if (auto cached = load_token(owner_, wall_now())) {
    token_ = std::move(*cached);
    from_cache_ = true;
  }
}

std::unique_ptr<Session> Session::in_project(const std::string& project) const {
  TokenOwner owner = owner_;
  owner.project = project;
  return std::unique_ptr<Session>(new Session(std::move(owner), channel_));
}

Expected<> Session::log_in() {
  if (!token_.token.empty() && token_.expires_at > wall_now() + seconds(60)) return {};
  v1::LoginRequest request;
  request.set_user(owner_.user);
  request.set_password(owner_.password);
  request.set_project(owner_.project);
  v1::LoginReply reply;
  grpc::ClientContext context;
  token_.token.clear();
  prepare(context, kCallLimit);
  grpc::Status status = stub_->Login(&context, request, &reply);
  if (!status.ok()) return std::unexpected(error_of(status));
  token_ = {reply.token(), WallTime{reply.expires_at_us()}, reply.project_id()};
  from_cache_ = false;
  store_token(owner_, token_);
  return {};
}

void Session::prepare(grpc::ClientContext& context, Duration limit) const {
  if (!token_.token.empty()) context.AddMetadata("authorization", "Bearer " + token_.token);
  if (limit > Duration{}) context.set_deadline(std::chrono::system_clock::now() + std::chrono::microseconds(limit.us));
}

bool Session::token_refused(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAUTHENTICATED || !from_cache_) return false;
  forget_token(owner_);
  token_ = {};
  from_cache_ = false;
  return true;
}

namespace {

// gRPC's own words about a TLS handshake are the only ones that tell a wrong certificate from a cloud that is away.
std::string why_unavailable(const grpc::Status& status) {
  const std::string& words = status.error_message();
  bool tls = words.find("SSL") != std::string::npos || words.find("TLS") != std::string::npos ||
             words.find("andshake") != std::string::npos || words.find("ertificate") != std::string::npos;
  return tls ? "TLS failed (" + words + "): see --ca-file, --os-cert, and the cloud's --tls-certificate"
             : "kilonova status";
}

}  // namespace

Error Session::error_of(const grpc::Status& status) const {
  Error error = rpc::from_status(status);
  // Without details it is gRPC that speaks, not the cloud.
  if (!status.error_details().empty()) return error;
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE)
    error.message = fmt::format("the cloud at {} does not answer: {}", owner_.endpoint, why_unavailable(status));
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
    error.message = fmt::format("the cloud at {} gave no answer in time; whether it did what was asked is unknown",
                                owner_.endpoint);
  return error;
}

}  // namespace kilonova::cli
