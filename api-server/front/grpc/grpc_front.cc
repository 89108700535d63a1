#include "api-server/front/grpc/grpc_front.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "api-server/front/grpc/call.h"
#include "api-server/front/grpc/inbox.h"
#include "api-server/front/grpc/raw_message.h"
#include "api-server/front/grpc/request_meta.h"
#include "api-server/front/grpc/watch_call.h"
#include "kilonova/v1/cloud.grpc.pb.h"
#include "rpc/convert/enums.h"
#include "rpc/convert/operations.h"
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
  MethodCall(grpc::CallbackServerContext& context, RequestMeta call_meta, std::atomic<size_t>& open,
             grpc::ByteBuffer* bytes)
      : OperationCall(context, std::move(call_meta), open), bytes_(bytes) {}

  Expected<> fill(const ClientReply& reply) override {
    Reply message;
    const auto* answer = get_if<typename Operation::Reply>(&*reply.result);
    if (!answer || !rpc::to_public(*answer, audience_of(reply.role), &message))
      return fail(ErrorCode::kInternal, fmt::format("what was answered is no answer to {}", Operation::kOperation.name));
    if constexpr (requires { message.set_private_key(reply.private_key); }) message.set_private_key(reply.private_key);
    write_message(message, bytes_);
    return {};
  }

 private:
  grpc::ByteBuffer* bytes_;
};

class LoginCall final : public UnaryCall {
 public:
  LoginCall(grpc::CallbackServerContext& context, RequestMeta call_meta, std::atomic<size_t>& open, LoginRequest login,
            grpc::ByteBuffer* bytes)
      : UnaryCall(context, std::move(call_meta), open), request(std::move(login)), bytes_(bytes) {}

  void fill(const LoginReply& reply) {
    v1::LoginReply message;
    message.set_token(reply.token);
    message.set_expires_at_us(reply.expires_at.us);
    message.set_user_id(to_hex(reply.user_id));
    message.set_project_id(to_hex(reply.project_id));
    message.set_project(reply.project);
    message.set_role(static_cast<v1::UserRole>(reply.role));
    write_message(message, bytes_);
  }

  LoginRequest request;

 private:
  grpc::ByteBuffer* bytes_;
};

// The service with every method's bytes as they are.
#define KN_BEGIN_RAW(Name) v1::Cloud::WithRawCallbackMethod_##Name <
#define KN_END_RAW(Name) >
using RawService = KN_OPERATIONS(METHODS, KN_BEGIN_RAW) v1::Cloud::WithRawCallbackMethod_Login<
    v1::Cloud::WithRawCallbackMethod_Watch<v1::Cloud::Service>> KN_OPERATIONS(METHODS, KN_END_RAW);
#undef KN_BEGIN_RAW
#undef KN_END_RAW

}  // namespace

class GrpcFront::Service final : public RawService {
 public:
  Service(RealLoop& loop, ApiCore& core, GrpcFrontOptions options)
      : loop_(loop), core_(core), options_(options), inbox_(loop), writes_(loop), scope_(std::in_place, loop) {}

  void stop() {
    inbox_.close();
    scope_.reset();
  }
  size_t open_calls() const { return calls_ + watches_; }

#define KN_SERVE_METHOD(Name)                                                                           \
  grpc::ServerUnaryReactor* Name(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request, \
                                 grpc::ByteBuffer* reply) override {                                    \
    return serve<kilonova::Name, v1::Name##Request, v1::Name##Reply>(*context, *request, reply);        \
  }
  KN_OPERATIONS(METHODS, KN_SERVE_METHOD)
#undef KN_SERVE_METHOD

  grpc::ServerUnaryReactor* Login(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                  grpc::ByteBuffer* reply) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) override;

 private:
  // ---- on gRPC's threads

  template <class Operation, class Request, class Reply>
  grpc::ServerUnaryReactor* serve(grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes,
                                  grpc::ByteBuffer* reply) {
    CallPtr<OperationCall> call(
        new MethodCall<Operation, Reply>(context, read_request_meta(context, loop_), calls_, reply));
    grpc::ServerUnaryReactor* reactor = call.get();
    if (auto admitted = admit(); !admitted) {
      finish(std::move(call), std::move(admitted));
      return reactor;
    }
    Expected<Operation> decoded = decode<Operation, Request>(bytes);
    if (decoded)
      call->request = {.request = std::move(*decoded), .malformed = {}};
    else
      call->request = {.request = Operation{}, .malformed = std::move(decoded.error())};
    inbox_.submit([this, call = std::move(call)]() mutable { scope_->spawn(run_operation(std::move(call))); });
    return reactor;
  }

  template <class Operation, class Request>
  static Expected<Operation> decode(const grpc::ByteBuffer& bytes) {
    Request request;
    if (auto read = read_message(bytes, &request); !read) return std::unexpected(std::move(read.error()));
    return rpc::from_public<Operation>(request);
  }

  Expected<> admit() const {
    if (calls_ <= options_.max_calls) return {};
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("{} calls are in flight, as many as are allowed; try again", options_.max_calls));
  }

  // ---- on the loop

  Task<void> run_operation(CallPtr<OperationCall> call) {
    ClientReply reply = co_await core_.handle(call->meta, std::move(call->request));
    Expected<> result;
    if (reply.result)
      result = call->fill(reply);
    else
      result = std::unexpected(std::move(reply.result.error()));
    finish(std::move(call), std::move(result));
  }

  Task<void> run_login(CallPtr<LoginCall> call) {
    Expected<LoginReply> reply = co_await core_.login(call->meta, std::move(call->request));
    Expected<> result;
    if (reply)
      call->fill(*reply);
    else
      result = std::unexpected(std::move(reply.error()));
    finish(std::move(call), std::move(result));
  }

  Task<void> run_watch(CallPtr<WatchCall> call, uint64_t id) {
    Expected<> end = co_await watch_until_end(call.get());
    flows_.erase(id);
    finish(std::move(call), std::move(end));
  }

  Task<Expected<>> watch_until_end(WatchCall* call);

  RealLoop& loop_;
  ApiCore& core_;
  const GrpcFrontOptions options_;
  std::atomic<size_t> calls_{0};
  std::atomic<size_t> watches_{0};
  std::atomic<uint64_t> next_watch_{1};
  Inbox inbox_;
  PendingCalls<bool> writes_;
  std::map<uint64_t, FlowId> flows_;  // of watches
  std::optional<Scope> scope_;        // last: its flows use all of the above; none after stop()
};

grpc::ServerUnaryReactor* GrpcFront::Service::Login(grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes,
                                                    grpc::ByteBuffer* reply) {
  v1::LoginRequest request;
  Expected<> read = read_message(*bytes, &request);
  LoginRequest login{request.user(), request.password(), request.project(), source_of(*context)};
  CallPtr<LoginCall> call(
      new LoginCall(*context, read_request_meta(*context, loop_), calls_, std::move(login), reply));
  grpc::ServerUnaryReactor* reactor = call.get();
  Expected<> admitted = admit();
  if (admitted) admitted = std::move(read);
  if (!admitted)
    finish(std::move(call), std::move(admitted));
  else
    inbox_.submit([this, call = std::move(call)]() mutable { scope_->spawn(run_login(std::move(call))); });
  return reactor;
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* GrpcFront::Service::Watch(grpc::CallbackServerContext* context,
                                                                      const grpc::ByteBuffer* bytes) {
  uint64_t id = next_watch_++;
  v1::WatchRequest request;
  Expected<> read = read_message(*bytes, &request);
  WatchRequest watch{request.since(), request.all_projects(), request.server(), request.stable_only(),
                     request.cloud_events()};
  WatchCall::Events events;
  events.on_written = [this](uint64_t write, bool ok) {
    inbox_.submit([this, write, ok] { writes_.complete(write, ok); });
  };
  events.on_cancel = [this, id] {
    inbox_.submit([this, id] {
      auto flow = flows_.extract(id);
      if (!flow.empty()) scope_->cancel(flow.mapped());
    });
  };
  CallPtr<WatchCall> call(
      new WatchCall(*context, read_request_meta(*context, loop_), std::move(watch), std::move(events), watches_));
  grpc::ServerWriteReactor<grpc::ByteBuffer>* reactor = call.get();
  if (!read) {
    finish(std::move(call), std::move(read));
    return reactor;
  }
  if (watches_ > options_.max_watches) {
    finish(std::move(call), fail(ErrorCode::kResourceExhausted,
                                 fmt::format("{} watches are open, as many as are allowed", options_.max_watches)));
    return reactor;
  }
  inbox_.submit([this, id, call = std::move(call)]() mutable {
    flows_[id] = scope_->spawn(run_watch(std::move(call), id));
  });
  return reactor;
}

Task<Expected<>> GrpcFront::Service::watch_until_end(WatchCall* call) {
  Expected<ApiCore::Watch> opened = core_.open_watch(call->meta, call->request);
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
    co_return fail(ErrorCode::kOutOfRange, fmt::format("the client reads too slowly; resume from revision {}",
                                                       watch.position.revision));
  }
}

GrpcFront::GrpcFront(RealLoop& loop, ApiCore& core, GrpcFrontOptions options)
    : service_(std::make_unique<Service>(loop, core, options)) {
  google::protobuf::SetLogHandler(nullptr);
}

GrpcFront::~GrpcFront() { stop(); }

grpc::Service& GrpcFront::service() { return *service_; }

std::string GrpcFront::service_name() { return v1::Cloud::service_full_name(); }

void GrpcFront::stop() { service_->stop(); }

size_t GrpcFront::open_calls() const { return service_->open_calls(); }

}  // namespace kilonova::api
