#include "api-server/front/grpc/grpc_front.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api-server/front/grpc/call.h"
#include "api-server/front/grpc/raw_message.h"
#include "api-server/front/grpc/request_meta.h"
#include "api-server/front/grpc/watch_call.h"
#include "kilonova/v1/cloud.grpc.pb.h"
#include "rpc/convert/enums.h"
#include "rpc/convert/operations.h"
#include "rpc/loop/call_service.h"
#include "rpc/node/address.h"
#include "rpc/node/strangers.h"
#include "runtime/pending_calls.h"
#include "runtime/scope.h"

namespace kilonova::api {
namespace {

rpc::Audience audience_of(UserRole role) {
  return role >= UserRole::kAdmin ? rpc::Audience::kAdmin : rpc::Audience::kUser;
}

template <class Operation, class Reply>
class MethodCall final : public OperationCall {
 public:
  using OperationCall::OperationCall;

  Expected<> fill(const ClientReply& reply) override {
    Reply message;
    const auto* answer = get_if<typename Operation::Reply>(&*reply.result);
    if (!answer || !rpc::to_public(*answer, audience_of(reply.role), &message))
      return fail(ErrorCode::kInternal,
                  fmt::format("what was answered is no answer to {}", Operation::kOperation.name));
    if constexpr (requires { message.set_private_key(reply.private_key); }) message.set_private_key(reply.private_key);
    write_message(message, &bytes);
    return {};
  }
};

void fill(const LoginReply& reply, grpc::ByteBuffer* bytes) {
  v1::LoginReply message;
  message.set_token(reply.token);
  message.set_expires_at_us(reply.expires_at.us);
  message.set_user_id(to_hex(reply.user_id));
  message.set_project_id(to_hex(reply.project_id));
  message.set_project(reply.project);
  message.set_role(static_cast<v1::UserRole>(reply.role));
  write_message(message, bytes);
}

// As small as the method allows: 64 KiB of user data in base64, and metadata of four bytes a character.
template <class Operation>
constexpr size_t kMaxRequestBytes = 64 << 10;
template <>
constexpr size_t kMaxRequestBytes<CreateServers> = 512 << 10;
template <>
constexpr size_t kMaxRequestBytes<SetServer> = 512 << 10;
template <>
constexpr size_t kMaxRequestBytes<SetFlavor> = 512 << 10;
template <>
constexpr size_t kMaxRequestBytes<RebuildServer> = 512 << 10;

template <class Operation, class Request>
Expected<Operation> decode(const grpc::ByteBuffer& bytes) {
  Request request;
  if (auto read = read_message(bytes, &request); !read) return std::unexpected(std::move(read.error()));
  return rpc::from_public<Operation>(request);
}

}  // namespace

class GrpcFront::Service final : public rpc::CallService {
 public:
  Service(Loop& loop, ApiCore& core, GrpcFrontOptions options)
      : loop_(loop),
        core_(core),
        options_(options),
        user_watches_({options.max_watches, options.max_watches_of_user}),
        project_watches_({options.max_watches, options.max_watches_of_project}),
        writes_(loop),
        scope_(std::in_place, loop) {}

  void accept(std::string_view method, std::unique_ptr<rpc::ServerCall>& call) override {
    auto known = kMethods.find(method);
    if (known != kMethods.end()) (this->*known->second)(std::move(call));
  }
  void stop() { scope_.reset(); }
  size_t open_calls() const { return calls_ + watches_; }

 private:
  using Method = void (Service::*)(std::unique_ptr<rpc::ServerCall> call);
  static const std::map<std::string_view, Method> kMethods;

  template <class Operation, class Request, class Reply>
  void serve(std::unique_ptr<rpc::ServerCall> server_call) {
    auto* call = new MethodCall<Operation, Reply>(std::move(server_call), loop_, calls_);
    if (auto admitted = admit(); !admitted) return call->finish(std::move(admitted));
    // Of who shows no token, nothing is read.
    if (auto known = core_.check_token(call->meta.token); !known)
      return call->finish(std::unexpected(std::move(known.error())));
    call->receive(kMaxRequestBytes<Operation>, [this, call] {
      CallPtr<OperationCall> owned(call);
      if (!scope_) return;
      Expected<Operation> decoded = decode<Operation, Request>(call->bytes);
      if (decoded)
        call->request = {.request = std::move(*decoded), .malformed = {}};
      else
        call->request = {.request = Operation{}, .malformed = std::move(decoded.error())};
      FlowId flow = scope_->spawn(run_operation(std::move(owned)));
      call->on_cancel([this, flow] { drop(flow); });
    });
  }
  void serve_login(std::unique_ptr<rpc::ServerCall> server_call);
  void serve_watch(std::unique_ptr<rpc::ServerCall> server_call);

  Expected<> admit() const {
    if (calls_ <= options_.max_calls) return {};
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("{} calls are in flight, as many as are allowed; try again", options_.max_calls));
  }

  // Whoever asked is gone: what waits for its turn needs no work any more.
  void drop(FlowId flow) {
    if (scope_) scope_->cancel(flow);
  }

  Task<void> run_operation(CallPtr<OperationCall> call) {
    ClientReply reply = co_await core_.handle(call->meta, std::move(call->request));
    Expected<> result;
    if (reply.result)
      result = call->fill(reply);
    else
      result = std::unexpected(std::move(reply.result.error()));
    finish(std::move(call), std::move(result));
  }

  Task<void> run_login(CallPtr<UnaryCall> call, LoginRequest request) {
    Expected<LoginReply> reply = co_await core_.login(call->meta, std::move(request));
    Expected<> result;
    if (reply)
      fill(*reply, &call->bytes);
    else
      result = std::unexpected(std::move(reply.error()));
    finish(std::move(call), std::move(result));
  }

  Task<void> run_watch(CallPtr<WatchCall> call, WatchRequest request, uint64_t id) {
    Expected<> end = co_await watch_until_end(call.get(), std::move(request));
    flows_.erase(id);
    finish(std::move(call), std::move(end));
  }

  Task<Expected<>> watch_until_end(WatchCall* call, WatchRequest request);

  Loop& loop_;
  ApiCore& core_;
  const GrpcFrontOptions options_;
  SourceCounts<std::string> strangers_{kStrangersCalls};  // log-ins
  SourceCounts<Uuid> user_watches_;
  SourceCounts<Uuid> project_watches_;
  size_t calls_ = 0;
  size_t watches_ = 0;
  uint64_t next_watch_ = 1;
  PendingCalls<bool> writes_;
  std::map<uint64_t, FlowId> flows_;  // of watches
  std::optional<Scope> scope_;        // last: its flows use all of the above; none after stop()
};

#define KN_METHOD_ROW(Name) {#Name, &Service::serve<kilonova::Name, v1::Name##Request, v1::Name##Reply>},
const std::map<std::string_view, GrpcFront::Service::Method> GrpcFront::Service::kMethods{
    KN_OPERATIONS(METHODS, KN_METHOD_ROW){"Login", &Service::serve_login},
    {"Watch", &Service::serve_watch},
};
#undef KN_METHOD_ROW

void GrpcFront::Service::serve_login(std::unique_ptr<rpc::ServerCall> server_call) {
  auto* call = new UnaryCall(std::move(server_call), loop_, calls_);
  if (auto admitted = admit(); !admitted) return call->finish(std::move(admitted));
  std::string source = source_of(call->server_call().context().peer());
  if (strangers_.take(source) != SourceCounts<std::string>::Admission::kTaken)
    return call->finish(fail(ErrorCode::kResourceExhausted, "too many log-ins at once; try again in a second"));
  call->counted = {strangers_, std::move(source)};
  call->receive(kMaxStrangersBytes, [this, call] {
    CallPtr<UnaryCall> owned(call);
    if (!scope_) return;
    v1::LoginRequest request;
    if (Expected<> read = read_message(call->bytes, &request); !read) return finish(std::move(owned), std::move(read));
    LoginRequest login{request.user(), request.password(), request.project(),
                       source_of(call->server_call().context().peer()),
                       tcp_end_of(call->server_call().context().peer())};
    FlowId flow = scope_->spawn(run_login(std::move(owned), std::move(login)));
    call->on_cancel([this, flow] { drop(flow); });
  });
}

void GrpcFront::Service::serve_watch(std::unique_ptr<rpc::ServerCall> server_call) {
  uint64_t id = next_watch_++;
  auto* call = new WatchCall(std::move(server_call), loop_, watches_);
  if (watches_ > options_.max_watches)
    return call->finish(fail(ErrorCode::kResourceExhausted,
                             fmt::format("{} watches are open, as many as are allowed", options_.max_watches)));
  WatchCall::Listeners listeners;
  Expected<TokenClaims> known = core_.check_token(call->meta.token);
  if (!known) return call->finish(std::unexpected(std::move(known.error())));
  if (user_watches_.take(known->user_id) != SourceCounts<Uuid>::Admission::kTaken)
    return call->finish(
        fail(ErrorCode::kResourceExhausted,
             fmt::format("the user has {} watches open, as many as are allowed", user_watches_.of(known->user_id))));
  call->counted_user = {user_watches_, known->user_id};
  if (project_watches_.take(known->project_id) != SourceCounts<Uuid>::Admission::kTaken)
    return call->finish(
        fail(ErrorCode::kResourceExhausted, fmt::format("the project has {} watches open, as many as are allowed",
                                                        project_watches_.of(known->project_id))));
  call->counted_project = {project_watches_, known->project_id};
  listeners.on_request = [this, call, id](Expected<WatchRequest> request) {
    CallPtr<WatchCall> owned(call);
    if (!scope_) return;
    if (!request) return finish(std::move(owned), std::unexpected(std::move(request.error())));
    flows_[id] = scope_->spawn(run_watch(std::move(owned), std::move(*request), id));
  };
  listeners.on_written = [this](uint64_t write, bool ok) { writes_.complete(write, ok); };
  listeners.on_cancel = [this, id] {
    auto flow = flows_.extract(id);
    if (!flow.empty()) scope_->cancel(flow.mapped());
  };
  call->receive(std::move(listeners));
}

Task<Expected<>> GrpcFront::Service::watch_until_end(WatchCall* call, WatchRequest request) {
  Expected<ApiCore::Watch> opened = core_.open_watch(call->meta, request);
  if (!opened) co_return std::unexpected(std::move(opened.error()));
  ApiCore::Watch watch = *opened;
  Duration idle;  // the first reply comes at once
  for (;;) {
    Expected<WatchBatch> batch = co_await core_.next_events(watch, idle);
    if (!batch) co_return std::unexpected(std::move(batch.error()));
    watch.position = batch->position;
    idle = options_.watch_idle;
    auto written = writes_.open();
    call->write(*batch, audience_of(watch.context.role), written.id());
    std::optional<bool> ok = co_await written.wait_for(options_.watch_write_limit);
    if (ok && *ok) continue;
    if (!ok) call->cancel();
    co_return fail(ErrorCode::kOutOfRange,
                   fmt::format("the client reads too slowly; resume from revision {}", watch.position.revision));
  }
}

GrpcFront::GrpcFront(Loop& loop, ApiCore& core, GrpcFrontOptions options)
    : service_(std::make_unique<Service>(loop, core, options)) {
  google::protobuf::SetLogHandler(nullptr);
}

GrpcFront::~GrpcFront() { stop(); }

rpc::CallService& GrpcFront::service() { return *service_; }

std::string GrpcFront::service_name() { return v1::Cloud::service_full_name(); }

void GrpcFront::stop() { service_->stop(); }

size_t GrpcFront::open_calls() const { return service_->open_calls(); }

}  // namespace kilonova::api
