// An ApiCore on a virtual loop; the test plays the controller.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api-server/core/api_core.h"
#include "domain/api.h"
#include "domain/nouns/host.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/service.h"
#include "domain/nouns/user.h"
#include "domain/user_role.h"
#include "domain/watch_event.h"
#include "ports/call_number.h"
#include "runtime/scope.h"
#include "runtime/virtual_loop.h"
#include "tests/support/fake_crypto.h"
#include "tests/support/fake_transport.h"
#include "tests/support/recording_log.h"

namespace kilonova::api {

inline constexpr PeerId kController{Role::kController, 0};

inline Task<void> run_handle(ApiCore* core, RequestMeta meta, ClientRequest request,
                             std::optional<ClientReply>* reply) {
  *reply = co_await core->handle(std::move(meta), std::move(request));
}

inline Task<void> run_login(ApiCore* core, RequestMeta meta, LoginRequest request,
                            std::optional<Expected<LoginReply>>* reply) {
  *reply = co_await core->login(std::move(meta), std::move(request));
}

inline Task<void> run_next(ApiCore* core, ApiCore::Watch watch, Duration idle,
                           std::optional<Expected<WatchBatch>>* batch) {
  *batch = co_await core->next_events(std::move(watch), idle);
}

class ApiCoreTest : public ::testing::Test {
 protected:
  ApiCoreTest() { scope_.emplace(loop_); }
  ~ApiCoreTest() override { scope_.reset(); }

  void start() {
    transport_.connect(core_, kController, 7);
    transport_.deliver(core_, kController, TokenKeys{std::string(32, 'k')});
    transport_.deliver(core_, kController, WatchEvents{});
  }
  std::string token(UserRole role, WallTime expires_at = {INT64_MAX}) {
    TokenSigner signer(crypto_, std::string(32, 'k'));
    return signer.issue({user_, project_, role, loop_.wall_now(), expires_at, {}});
  }
  RequestMeta meta(std::string token) {
    return {.token = std::move(token),
            .trace = {},
            .received = loop_.wall_now(),
            .received_at = loop_.now(),
            .time_limit = {}};
  }
  // Starts an operation and runs what can run without an answer.
  std::optional<ClientReply>& ask(RequestMeta meta, ApiRequest request) {
    replies_.push_back(std::make_unique<std::optional<ClientReply>>());
    scope_->spawn(run_handle(&core_, std::move(meta), {std::move(request), {}}, replies_.back().get()));
    settle();
    return *replies_.back();
  }
  Error ask_refused(RequestMeta meta, ApiRequest request) {
    auto& reply = ask(std::move(meta), std::move(request));
    if (!reply || reply->result) return {ErrorCode::kInternal, "not refused"};
    return reply->result.error();
  }
  void settle() { loop_.run_until(loop_.now() + milliseconds(1)); }
  ApiCall sent() {
    auto calls = transport_.all_to<ApiCall>(kController);
    EXPECT_FALSE(calls.empty());
    return calls.empty() ? ApiCall{} : calls.back();
  }
  void answer(Expected<ApiResponse> result) {
    uint64_t call = transport_.sent().back().message.call;
    EXPECT_NE(call, 0u);
    transport_.deliver(core_, kController, ApiReply{std::move(result)}, call);
    settle();
  }

  VirtualLoop loop_;
  testing::FakeTransport transport_{{Role::kApi, 3}};
  testing::RecordingLog log_;
  testing::FakeCrypto crypto_{loop_};
  ApiCore core_{loop_, transport_, log_, Random(1), crypto_, {.max_in_flight = 5}};
  Uuid user_ = *parse_uuid("0000000000000000000000000000000a");
  Uuid project_ = *parse_uuid("0000000000000000000000000000000b");
  std::vector<std::unique_ptr<std::optional<ClientReply>>> replies_;
  std::optional<Scope> scope_;
};

inline CreateServers launch() { return {.name = "web1", .flavor = "m1.tiny", .image = "cirros"}; }

}  // namespace kilonova::api
