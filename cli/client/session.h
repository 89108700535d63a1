// Session: a command's connection to the public service, as one user in one project.
#pragma once

#include <grpcpp/client_context.h>

#include <memory>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/client/cloud_file.h"
#include "cli/client/token_cache.h"
#include "kilonova/v1/cloud.grpc.pb.h"
#include "rpc/convert/status.h"

namespace kilonova::cli {

// One thread uses it, but stub() and prepare() are for any. Every call has a deadline, and logs in when it must: with the
// cached token if there is one, once more when that was refused.
class Session {
 public:
  // kUnavailable when no cloud runs in the state directory. Connects and logs in with the first call.
  static Expected<std::unique_ptr<Session>> open(const Globals& globals);
  // The same user in another project.
  std::unique_ptr<Session> in_project(const std::string& project) const;

  template <class Request, class Reply>
  Expected<Reply> call(grpc::Status (v1::Cloud::Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                       const Request& request) {
    for (bool again = false;; again = true) {
      if (auto ready = log_in(); !ready) return std::unexpected(ready.error());
      Reply reply;
      grpc::ClientContext context;
      prepare(context, kCallLimit);
      grpc::Status status = (stub_.get()->*method)(&context, request, &reply);
      if (status.ok()) return reply;
      if (again || !token_refused(status)) return std::unexpected(error_of(status));
    }
  }

  // A token that is good for the next minute; renews it. Before streams and asynchronous calls.
  Expected<> log_in();
  // Token and deadline of one call. `limit` 0 = none: for streams.
  void prepare(grpc::ClientContext& context, Duration limit) const;
  // Forgets a cached token that the cloud refused: true = log in and try again.
  bool token_refused(const grpc::Status& status);
  // Leaves no token behind: for a project that will soon be gone.
  void forget_cached_token() { forget_token(owner_); }
  // What the cloud said; for a connection that failed, which cloud did not answer.
  Error error_of(const grpc::Status& status) const;

  v1::Cloud::Stub& stub() { return *stub_; }
  const std::string& endpoint() const { return owner_.endpoint; }
  const std::string& project() const { return owner_.project; }

  static constexpr Duration kCallLimit = seconds(60);

 private:
  Session(TokenOwner owner, std::shared_ptr<grpc::Channel> channel);

  TokenOwner owner_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Cloud::Stub> stub_;
  CachedToken token_;
  bool from_cache_ = false;
};

// Wall clock of this machine.
WallTime wall_now();

}  // namespace kilonova::cli
