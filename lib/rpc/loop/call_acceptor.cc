#include "rpc/loop/call_acceptor.h"

#include <string_view>
#include <utility>

#include "base/check.h"
#include "rpc/loop/steady_now.h"

namespace kilonova::rpc {
namespace {

// A call that nobody wants; gone with its end.
class UnknownMethod final : public ServerCall::Events {
 public:
  static void answer(std::unique_ptr<ServerCall> call) {
    auto* events = new UnknownMethod(std::move(call));
    events->call_->set_events(events);
    events->call_->finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""));
  }

 private:
  explicit UnknownMethod(std::unique_ptr<ServerCall> call) : call_(std::move(call)) {}
  void on_over() override { delete this; }

  std::unique_ptr<ServerCall> call_;
};

}  // namespace

CallAcceptor::~CallAcceptor() { KN_CHECK(idle(), "a server's calls outlive what took them in"); }

void CallAcceptor::start() { await_next(); }

void CallAcceptor::await_next() {
  next_ = std::make_unique<ServerCall>(queue_, book_);
  next_->await(generic_, arrived_);
}

void CallAcceptor::arrived(bool ok) {
  std::unique_ptr<ServerCall> call = std::move(next_);
  if (!ok) return;
  call->arrived();
  last_arrival_ = steady_now();
  await_next();
  dispatch(std::move(call));
}

void CallAcceptor::take_back_silent() {
  for (ServerCall* call : book_.silent)
    if (++call->found_silent > kPatience) call->cancel();
}

// "/service/method"
void CallAcceptor::dispatch(std::unique_ptr<ServerCall> call) {
  std::string_view path = call->method();
  size_t slash = path.rfind('/');
  if (slash != std::string_view::npos && slash > 0 && path.front() == '/') {
    auto service = services_.find(path.substr(1, slash - 1));
    if (service != services_.end()) service->second->accept(path.substr(slash + 1), call);
  }
  if (call) UnknownMethod::answer(std::move(call));
}

}  // namespace kilonova::rpc
