#include "cli/client/launch_records.h"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

namespace kilonova::cli {
namespace {

constexpr size_t kAtOnce = 64;

struct Call {
  grpc::ClientContext context;
  v1::GetLaunchRecordRequest request;
  v1::GetLaunchRecordReply reply;
  grpc::Status status;
  bool done = false;
};

class Reader {
 public:
  Reader(Session& session, bool all_projects) : session_(session), all_projects_(all_projects) {}
  // Every call ends before what it writes to does.
  ~Reader() {
    std::unique_lock lock(mutex_);
    for (const auto& call : calls_) call->context.TryCancel();
    changed_.wait(lock, [this] { return under_way_ == 0; });
  }

  size_t under_way() const { return calls_.size(); }

  void ask(const std::string& server) {
    auto call = std::make_unique<Call>();
    call->request.set_server(server);
    call->request.set_all_projects(all_projects_);
    session_.prepare(call->context, Session::kCallLimit);
    Call* raw = call.get();
    {
      std::lock_guard lock(mutex_);
      ++under_way_;
      calls_.push_back(std::move(call));
    }
    session_.stub().async()->GetLaunchRecord(&raw->context, &raw->request, &raw->reply,
                                             [this, raw](grpc::Status status) {
                                               std::lock_guard lock(mutex_);
                                               raw->status = std::move(status);
                                               raw->done = true;
                                               --under_way_;
                                               changed_.notify_all();
                                             });
  }

  // The oldest.
  std::unique_ptr<Call> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return calls_.front()->done; });
    std::unique_ptr<Call> call = std::move(calls_.front());
    calls_.pop_front();
    return call;
  }

 private:
  Session& session_;
  bool all_projects_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Call>> calls_;
  size_t under_way_ = 0;
};

}  // namespace

Expected<> for_each_launch_record(Session& session, const std::vector<std::string>& servers, bool all_projects,
                                  const std::function<bool(const v1::GetLaunchRecordReply& record)>& on_record) {
  if (auto ready = session.log_in(); !ready) return ready;
  Reader reader(session, all_projects);
  for (size_t next = 0; next < servers.size() || reader.under_way() > 0;) {
    for (; next < servers.size() && reader.under_way() < kAtOnce; ++next) reader.ask(servers[next]);
    std::unique_ptr<Call> call = reader.take();
    if (!call->status.ok()) {
      Error error = session.error_of(call->status);
      if (error.code == ErrorCode::kNotFound) continue;
      return std::unexpected(std::move(error));
    }
    if (!on_record(call->reply)) return {};
  }
  return {};
}

}  // namespace kilonova::cli
