// An OpenstackFront over an ApiCore whose controller is the test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api-server/core/api_core.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/openstack_front.h"
#include "domain/api.h"
#include "http/message.h"
#include "ports/call_number.h"
#include "runtime/scope.h"
#include "runtime/virtual_loop.h"
#include "tests/support/fake_crypto.h"
#include "tests/support/fake_transport.h"
#include "tests/support/recording_log.h"

namespace kilonova::api::openstack {

using Reply = std::optional<http::Response>;

inline Task<void> run_front(OpenstackFront* front, http::Request request, Reply* reply) {
  *reply = co_await front->handle(std::move(request));
}

class FrontWorld : public ::testing::Test {
 protected:
  FrontWorld() {
    scope_.emplace(loop_);
    transport_.connect(core_, kController, 7);
    transport_.deliver(core_, kController, TokenKeys{std::string(32, 'k')});
    transport_.deliver(core_, kController, WatchEvents{});
  }
  ~FrontWorld() override { scope_.reset(); }

  std::string token(UserRole role) {
    TokenSigner signer(crypto_, std::string(32, 'k'));
    return signer.issue({user_, project_, role, loop_.wall_now(), {INT64_MAX}, audit_});
  }
  // A role's request; kNone has no token. What can run without the controller has run when it returns; its reply comes
  // into the place that is returned.
  Reply& ask(UserRole role, std::string method, std::string target, std::string body = "", http::Headers headers = {}) {
    headers.emplace_back("Host", "here:8774");
    headers.emplace_back("Accept", "application/json");
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    if (role != UserRole::kNone) headers.emplace_back("X-Auth-Token", token(role));
    http::Request request{.method = std::move(method),
                          .target = std::move(target),
                          .headers = std::move(headers),
                          .body = std::move(body),
                          .client = {"127.0.0.1", 4711},
                          .received = loop_.wall_now(),
                          .received_at = loop_.now()};
    replies_.push_back(std::make_unique<Reply>());
    scope_->spawn(run_front(&front_, std::move(request), replies_.back().get()));
    settle();
    return *replies_.back();
  }
  // One that needs no controller.
  http::Response ask_now(UserRole role, std::string method, std::string target, std::string body = "",
                         http::Headers headers = {}) {
    Reply& reply = ask(role, std::move(method), std::move(target), std::move(body), std::move(headers));
    EXPECT_TRUE(reply.has_value());
    return reply.value_or(http::Response{});
  }
  // As long as a password is checked, and far from what a call may take.
  void settle() { loop_.run_until(loop_.now() + milliseconds(200)); }
  // What the controller was asked last.
  template <class Operation>
  Operation asked() {
    auto calls = transport_.all_to<ApiCall>(kController);
    const Operation* last = calls.empty() ? nullptr : get_if<Operation>(&calls.back().request);
    EXPECT_NE(last, nullptr);
    return last == nullptr ? Operation{} : *last;
  }
  void answer(Expected<ApiResponse> result) {
    uint64_t call = transport_.sent().back().message.call;
    EXPECT_NE(call, 0u);
    transport_.deliver(core_, kController, ApiReply{std::move(result)}, call);
    settle();
  }
  static Json json_of(const Reply& reply) {
    std::optional<Json> json = reply ? parse_json(reply->body) : std::nullopt;
    EXPECT_TRUE(json) << (reply ? reply->body : "no reply");
    return json.value_or(Json());
  }

  static constexpr PeerId kController{Role::kController, 0};
  VirtualLoop loop_;
  testing::FakeTransport transport_{{Role::kApi, 0}};
  testing::RecordingLog log_;
  testing::FakeCrypto crypto_{loop_};
  ApiCore core_{loop_, transport_, log_, Random(1), crypto_, {}};
  OpenstackFront front_{loop_, core_, {}};
  Uuid user_ = *parse_uuid("0000000000000000000000000000000a");
  Uuid project_ = *parse_uuid("0000000000000000000000000000000b");
  Uuid audit_ = *parse_uuid("0000000000000000000000000000000c");
  std::vector<std::unique_ptr<Reply>> replies_;
  std::optional<Scope> scope_;
};

}  // namespace kilonova::api::openstack
