#include "sim/scenario_clients.h"

#include <fmt/format.h>

#include <utility>

#include "domain/api.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"

namespace kilonova::sim {
namespace {

constexpr Duration kRetry = seconds(1);

bool says_come_back(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kUnauthenticated ||
         error.code == ErrorCode::kDeadlineExceeded || error.code == ErrorCode::kResourceExhausted;
}

}  // namespace

class ScenarioClients::Attempt {
 public:
  Attempt(ScenarioClients* clients, uint64_t id) : clients_(clients), id_(id) {}
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() {
    if (clients_ != nullptr) clients_->retry(id_);
  }
  void answer(const Expected<ApiResponse>& result) { std::exchange(clients_, nullptr)->answered(id_, result); }

 private:
  ScenarioClients* clients_;
  uint64_t id_;
};

void ScenarioClients::call(ApiRequest request, const Uuid& server) {
  if (holds_alternative<DeleteServer>(request)) checkers_.acknowledgements().delete_asked(server);
  uint64_t id = next_id_++;
  open_.emplace(id, Operation{std::move(request), server});
  attempt(id);
}

void ScenarioClients::attempt(uint64_t id) {
  if (cloud_.api().core() == nullptr) return retry(id);
  cloud_.api().clients().spawn(run(this, id));
}

Task<> ScenarioClients::run(ScenarioClients* clients, uint64_t id) {
  Attempt attempt(clients, id);
  api::ApiCore* core = clients->cloud_.api().core();  // this frame dies before it
  api::RequestMeta meta;
  meta.received_at = clients->cloud_.loop().now();
  auto login = co_await core->login({}, {.user = "admin", .password = "kilonova", .project = ""});
  if (!login) co_return;
  meta.token = login->token;
  api::ClientRequest wanted;
  wanted.request = clients->open_.at(id).request;
  api::ClientReply reply = co_await core->handle(std::move(meta), std::move(wanted));
  if (!reply.result && says_come_back(reply.result.error())) co_return;
  attempt.answer(reply.result);
}

void ScenarioClients::retry(uint64_t id) {
  cloud_.loop().call_after(kRetry, [this, id] { attempt(id); });
}

void ScenarioClients::answered(uint64_t id, const Expected<ApiResponse>& result) {
  const Operation operation = std::move(open_.at(id));
  open_.erase(id);
  AcknowledgementChecker& acknowledgements = checkers_.acknowledgements();
  bool creates = holds_alternative<CreateServers>(operation.request);
  if (result && creates != holds_alternative<CreateServersReply>(*result))
    return checkers_.violations().add(
        "clients", fmt::format("{} got the answer to another call", request_name(operation.request)));
  bool deletes = holds_alternative<DeleteServer>(operation.request);
  if (const auto* create = get_if<CreateServers>(&operation.request); create != nullptr && result) {
    const auto& servers = get<CreateServersReply>(*result).servers;
    for (const Instance& server : servers) acknowledgements.create_acknowledged(server.uuid);
    if (servers.size() != create->max_count)
      checkers_.violations().add(
          "clients", fmt::format("{} servers were asked for, {} answered", create->max_count, servers.size()));
  } else if (deletes && (result || result.error().code == ErrorCode::kNotFound)) {
    acknowledgements.delete_acknowledged(operation.server);
  } else if (!result && result.error().code != ErrorCode::kConflict && result.error().code != ErrorCode::kNotFound) {
    checkers_.violations().add(
        "clients", fmt::format("{} was refused: {}", request_name(operation.request), result.error().message));
  }
}

}  // namespace kilonova::sim
