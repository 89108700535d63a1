#include "cli/client/session.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "rpc/node/channel.h"

namespace kilonova::cli {

WallTime wall_now() {
  auto since = std::chrono::system_clock::now().time_since_epoch();
  return WallTime{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

Expected<std::unique_ptr<Session>> Session::open(const Globals& globals) {
  TokenOwner owner{globals.state_dir, globals.endpoint, globals.user, globals.password, globals.project};
  if (owner.endpoint.empty()) {
    Expected<CloudFile> cloud = read_cloud_file(globals.state_dir);
    if (!cloud) return std::unexpected(cloud.error());
    owner.endpoint = cloud->grpc;
  }
  std::shared_ptr<grpc::Channel> channel = open_channel(owner.endpoint);
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
  if (limit > Duration{})
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::microseconds(limit.us));
}

bool Session::token_refused(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAUTHENTICATED || !from_cache_) return false;
  forget_token(owner_);
  token_ = {};
  from_cache_ = false;
  return true;
}

Error Session::error_of(const grpc::Status& status) const {
  Error error = rpc::from_status(status);
  // Without details it is gRPC that speaks, not the cloud.
  if (!status.error_details().empty()) return error;
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE)
    error.message = fmt::format("the cloud at {} does not answer: kilonova status", owner_.endpoint);
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
    error.message = fmt::format("the cloud at {} gave no answer in time; whether it did what was asked is unknown",
                                owner_.endpoint);
  return error;
}

}  // namespace kilonova::cli
