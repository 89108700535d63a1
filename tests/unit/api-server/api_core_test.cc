#include "api-server/core/api_core.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
#include "tests/unit/api-server/api_core_fixture.h"

namespace kilonova::api {
namespace {

TEST_F(ApiCoreTest, NothingWorksBeforeTheKeysAreKnown) {
  EXPECT_FALSE(core_.ready());
  Error error = ask_refused(meta("x"), GetCloudStatus{});
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_NE(error.message.find("starting"), std::string::npos);
  EXPECT_EQ(core_.open_watch(meta("x"), {}).error().code, ErrorCode::kUnavailable);
  start();
  EXPECT_TRUE(core_.ready());
  EXPECT_EQ(ask_refused(meta("x"), GetCloudStatus{}).code, ErrorCode::kUnauthenticated);
}

TEST_F(ApiCoreTest, ACallCarriesTheCallersContext) {
  start();
  RequestMeta m = meta(token(UserRole::kReader));
  m.trace.request_id.bytes[0] = 1;
  m.trace.trace_id.bytes[0] = 2;
  auto& reply = ask(m, GetServer{"web1"});
  ApiCall call = sent();
  EXPECT_EQ(call.context.user_id, user_);
  EXPECT_EQ(call.context.project_id, project_);
  EXPECT_EQ(call.context.role, UserRole::kReader);
  EXPECT_EQ(call.context.trace.request_id, m.trace.request_id);
  EXPECT_EQ(call.context.trace.trace_id, m.trace.trace_id);
  EXPECT_NE(call.context.trace.span_id, 0u);
  EXPECT_EQ(get<GetServer>(call.request).server, "web1");
  EXPECT_EQ(call.accepted, StepRecord{}) << "no launch, no step";
  EXPECT_FALSE(reply.has_value());
  answer(ServerList{});
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->result, ApiResponse(ServerList{}));
  EXPECT_EQ(reply->role, UserRole::kReader);
}

TEST_F(ApiCoreTest, WhatTheControllerRefusesIsPassedOn) {
  start();
  auto& reply = ask(meta(token(UserRole::kReader)), GetServer{"web1"});
  answer(fail(ErrorCode::kNotFound, "no server 'web1'"));
  EXPECT_EQ(reply->result.error(), (Error{ErrorCode::kNotFound, "no server 'web1'"}));
}

TEST_F(ApiCoreTest, OnlyWhatIsAllowedAndWellFormedGoesOn) {
  start();
  EXPECT_EQ(ask_refused(meta(""), GetCloudStatus{}).code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(ask_refused(meta(token(UserRole::kReader)), launch()).code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(ask_refused(meta(token(UserRole::kMember)), CreateServers{}).code, ErrorCode::kInvalidArgument);
  // The role is looked at before the form: who may not ask learns nothing about it.
  EXPECT_EQ(ask_refused(meta(token(UserRole::kReader)), CreateServers{}).code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(transport_.count<ApiCall>(), 0u);
}

TEST_F(ApiCoreTest, AMalformedRequestIsToldToWhoMayAskSuchAThing) {
  start();
  ClientRequest request{.request = CreateServers{}, .malformed = Error{ErrorCode::kInvalidArgument, "field x"}};
  std::optional<ClientReply> stranger, reader, member;
  scope_->spawn(run_handle(&core_, meta(""), request, &stranger));
  scope_->spawn(run_handle(&core_, meta(token(UserRole::kReader)), request, &reader));
  scope_->spawn(run_handle(&core_, meta(token(UserRole::kMember)), request, &member));
  settle();
  EXPECT_EQ(stranger->result.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(reader->result.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(member->result.error(), *request.malformed);
}

TEST_F(ApiCoreTest, ATokenEndsWithItsTime) {
  start();
  std::string text = token(UserRole::kReader, loop_.wall_now() + seconds(10));
  ask(meta(text), GetCloudStatus{});
  EXPECT_EQ(transport_.count<ApiCall>(), 1u);
  loop_.run_until(loop_.now() + seconds(10));
  EXPECT_EQ(ask_refused(meta(text), GetCloudStatus{}).code, ErrorCode::kUnauthenticated);
}

TEST_F(ApiCoreTest, TokensOfFormerKeysEndWithThem) {
  start();
  std::string text = token(UserRole::kReader);
  transport_.deliver(core_, kController, TokenKeys{std::string(32, 'n')});
  EXPECT_EQ(ask_refused(meta(text), GetCloudStatus{}).code, ErrorCode::kUnauthenticated);
}

TEST_F(ApiCoreTest, TokensOfOlderKeysThatAreKeptAreGood) {
  start();
  std::string text = token(UserRole::kReader);
  transport_.deliver(core_, kController, TokenKeys{std::string(32, 'n') + std::string(32, 'k')});
  auto& reply = ask(meta(text), GetCloudStatus{});
  answer(CloudStatus{});
  EXPECT_TRUE(reply.has_value());
}

TEST_F(ApiCoreTest, AKeyIsDrawnHereAndStoredByTheController) {
  start();
  auto& reply = ask(meta(token(UserRole::kAdmin)), RotateTokenKey{true});
  EXPECT_EQ(get<StoreTokenKey>(sent().request).signing_key.size(), 32u);
  EXPECT_TRUE(get<StoreTokenKey>(sent().request).revoke_older);
  answer(TokenKeyCount{1});
  EXPECT_TRUE(reply->result.has_value());
}

// A key that anybody could guess opens nothing.
TEST_F(ApiCoreTest, AKeyOfAnotherLengthIsRefused) {
  transport_.connect(core_, kController, 7);
  for (size_t bytes : {0, 31, 33, 128}) {
    transport_.deliver(core_, kController, TokenKeys{std::string(bytes, 'k')});
    EXPECT_FALSE(core_.ready()) << bytes;
  }
  start();
  std::string text = token(UserRole::kReader);
  transport_.deliver(core_, kController, TokenKeys{""});
  auto& reply = ask(meta(text), GetCloudStatus{});
  answer(CloudStatus{});
  EXPECT_TRUE(reply.has_value()) << "the key before is still the cloud's";
}

Task<void> run_probe(ApiCore* core, std::optional<bool>* answering) {
  *answering = co_await core->is_controller_answering(seconds(5));
}

TEST_F(ApiCoreTest, AControllerThatIsConnectedAndStoppedIsNotAnswering) {
  start();
  std::optional<bool> first, second;
  scope_->spawn(run_probe(&core_, &first));
  settle();
  answer(QuotaReply{});
  EXPECT_EQ(first, true);
  scope_->spawn(run_probe(&core_, &second));
  loop_.run_until(loop_.now() + seconds(6));
  EXPECT_EQ(second, false);
}

// ---- launches

TEST_F(ApiCoreTest, ALaunchIsRecordedAndLoggedOnceTheServersAreKnown) {
  start();
  RequestMeta m = meta(token(UserRole::kMember));
  m.trace.request_id.bytes[0] = 9;
  loop_.run_until(loop_.now() + microseconds(120));
  auto& reply = ask(m, launch());
  StepRecord accepted = sent().accepted;
  EXPECT_EQ(accepted.step, LaunchStep::kRequestAccepted);
  EXPECT_EQ(accepted.daemon, "api-3");
  EXPECT_EQ(accepted.start, m.received);
  EXPECT_EQ(accepted.duration, microseconds(120));
  EXPECT_EQ(accepted.epoch, 1u);
  EXPECT_EQ(accepted.attempt, 1u);
  EXPECT_TRUE(log_.steps.empty());

  CreateServersReply created;
  created.servers.resize(2);
  for (size_t i = 0; i < 2; ++i) {
    created.servers[i].uuid.bytes[0] = static_cast<uint8_t>(i + 1);
    created.servers[i].trace = m.trace;
  }
  answer(created);
  ASSERT_TRUE(reply->result.has_value());
  ASSERT_EQ(log_.steps.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(log_.steps[i].instance, created.servers[i].uuid);
    EXPECT_EQ(log_.steps[i].record, accepted);
    EXPECT_EQ(log_.steps[i].trace.request_id, m.trace.request_id);
  }
}

TEST_F(ApiCoreTest, ARepeatedClientTokenIsNotLoggedAgain) {
  start();
  ask(meta(token(UserRole::kMember)), launch());
  CreateServersReply earlier;
  earlier.servers.resize(1);
  earlier.servers[0].trace.request_id.bytes[0] = 99;
  answer(earlier);
  EXPECT_TRUE(log_.steps.empty());
}

TEST_F(ApiCoreTest, ARefusedLaunchIsNotLogged) {
  start();
  ask(meta(token(UserRole::kMember)), launch());
  answer(fail(ErrorCode::kQuotaExceeded, "too many"));
  EXPECT_TRUE(log_.steps.empty());
}

// ---- the controller's absence

TEST_F(ApiCoreTest, NoAnswerInTimeIsAnUnknownOutcome) {
  start();
  auto& reply = ask(meta(token(UserRole::kMember)), launch());
  loop_.run_until(loop_.now() + seconds(61));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->result.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_NE(reply->result.error().message.find("outcome is unknown"), std::string::npos);
  answer(CreateServersReply{});  // late: nobody listens
}

TEST_F(ApiCoreTest, TheClientsDeadlineIsKept) {
  start();
  RequestMeta m = meta(token(UserRole::kReader));
  m.time_limit = seconds(2);
  auto& reply = ask(m, GetCloudStatus{});
  loop_.run_until(loop_.now() + seconds(1));
  EXPECT_FALSE(reply.has_value());
  loop_.run_until(loop_.now() + seconds(1));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->result.error().code, ErrorCode::kDeadlineExceeded);
  m.time_limit = Duration{};
  EXPECT_EQ(ask_refused(m, launch()).code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(ask_refused(m, GetCloudStatus{}).code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(transport_.count<ApiCall>(), 1u) << "nothing was asked after the time was up";
}

TEST_F(ApiCoreTest, ADisconnectedControllerIsSaidAtOnce) {
  start();
  transport_.disconnect(core_, kController);
  EXPECT_FALSE(core_.ready());
  EXPECT_EQ(ask_refused(meta(token(UserRole::kMember)), launch()).code, ErrorCode::kUnavailable);
  transport_.connect(core_, kController, 7);
  ask(meta(token(UserRole::kMember)), launch());
  EXPECT_EQ(transport_.count<ApiCall>(), 1u);
}

TEST_F(ApiCoreTest, AFullQueueIsUnavailable) {
  start();
  transport_.set_refusing(kController, true);
  EXPECT_EQ(ask_refused(meta(token(UserRole::kMember)), launch()).code, ErrorCode::kUnavailable);
}

TEST_F(ApiCoreTest, ARestartOfTheControllerEndsOpenCalls) {
  start();
  auto& read = ask(meta(token(UserRole::kReader)), GetCloudStatus{});
  auto& write = ask(meta(token(UserRole::kMember)), launch());
  transport_.disconnect(core_, kController);
  transport_.connect(core_, kController, 7);  // the same one: it will still answer
  settle();
  EXPECT_FALSE(read.has_value());
  transport_.connect(core_, kController, 8);
  settle();
  EXPECT_EQ(read->result.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(write->result.error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(ApiCoreTest, CallsInFlightAreBounded) {
  start();
  for (int i = 0; i < 5; ++i) ask(meta(token(UserRole::kReader)), GetCloudStatus{});
  EXPECT_EQ(core_.in_flight(), 5u);
  EXPECT_EQ(ask_refused(meta(token(UserRole::kReader)), GetCloudStatus{}).code, ErrorCode::kResourceExhausted);
  answer(CloudStatus{});
  EXPECT_EQ(core_.in_flight(), 4u);
  ask(meta(token(UserRole::kReader)), GetCloudStatus{});
  EXPECT_EQ(transport_.count<ApiCall>(), 6u);
}

// The controller was asked by this process's earlier life, whose calls were numbered from 1 too.
TEST_F(ApiCoreTest, AnAnswerToAnEarlierLifeIsNobodys) {
  start();
  auto& reply = ask(meta(token(UserRole::kReader)), GetCloudStatus{});
  uint64_t mine = transport_.sent().back().message.call;
  uint64_t count = *own_call(transport_.incarnation(), mine);
  transport_.deliver(core_, kController, ApiReply{HostList{}}, call_number(transport_.incarnation() + 1, count));
  transport_.deliver(core_, kController, ApiReply{HostList{}}, call_number(0, count));
  settle();
  EXPECT_FALSE(reply.has_value());
  answer(CloudStatus{});
  EXPECT_TRUE(reply.has_value());
}

TEST_F(ApiCoreTest, OthersAreNotListenedTo) {
  start();
  PeerId stranger{Role::kCompute, 0};
  transport_.connect(core_, stranger);
  transport_.deliver(core_, stranger, TokenKeys{std::string(32, 'x')});
  auto& reply = ask(meta(token(UserRole::kReader)), GetCloudStatus{});
  transport_.deliver(core_, stranger, ApiReply{CloudStatus{}}, transport_.sent().back().message.call);
  settle();
  EXPECT_FALSE(reply.has_value());
  transport_.deliver(core_, kController, HostStatuses{});  // none of its business, and no harm
  answer(CloudStatus{});
  EXPECT_TRUE(reply.has_value());
}

// ---- secrets

TEST_F(ApiCoreTest, APasswordLeavesAsAHashOnly) {
  start();
  auto& reply = ask(meta(token(UserRole::kAdmin)), CreateUser{"u", "secret"});
  loop_.run_until(loop_.now() + milliseconds(100));
  EXPECT_EQ(get<StoreUser>(sent().request).password_hash, "scrypt$fake$secret");
  answer(UserList{});
  EXPECT_TRUE(reply->result.has_value());
  auto& empty = ask(meta(token(UserRole::kAdmin)), CreateUser{"u", ""});
  EXPECT_EQ(empty->result.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ApiCoreTest, AKeyPairIsGeneratedAndItsPrivateHalfStays) {
  start();
  auto& reply = ask(meta(token(UserRole::kMember)), CreateKeyPair{"k", "ed25519", ""});
  answer(KeyPairList{});
  loop_.run_until(loop_.now() + milliseconds(200));
  KeyPair key = get<StoreKeyPair>(sent().request).key_pair;
  EXPECT_EQ(key.name, "k");
  EXPECT_EQ(key.type, "ssh");
  EXPECT_EQ(key.public_key, "ssh-ed25519 AAAA Generated-by-Nova");
  EXPECT_EQ(key.fingerprint, "00:11");
  answer(KeyPairList{});
  EXPECT_EQ(reply->private_key, "PRIVATE ed25519");
}

TEST_F(ApiCoreTest, AKeyPairThatWasNotStoredIsNotShown) {
  start();
  auto& reply = ask(meta(token(UserRole::kMember)), CreateKeyPair{.name = "k"});
  answer(KeyPairList{});
  loop_.run_until(loop_.now() + milliseconds(200));
  answer(fail(ErrorCode::kAlreadyExists, "taken"));
  EXPECT_EQ(reply->private_key, "");
}

TEST_F(ApiCoreTest, AGivenPublicKeyIsParsed) {
  start();
  auto& reply = ask(meta(token(UserRole::kMember)), CreateKeyPair{.name = "k", .public_key = "ssh-rsa AAAA"});
  EXPECT_EQ(get<StoreKeyPair>(sent().request).key_pair.fingerprint, "aa:bb");
  answer(KeyPairList{});
  EXPECT_EQ(reply->private_key, "");
  auto& bad = ask(meta(token(UserRole::kMember)), CreateKeyPair{.name = "k", .public_key = "nonsense"});
  EXPECT_EQ(bad->result.error().code, ErrorCode::kInvalidArgument);
  auto& bad_type = ask(meta(token(UserRole::kMember)), CreateKeyPair{"k", "dsa", ""});
  EXPECT_EQ(bad_type->result.error().code, ErrorCode::kInvalidArgument);
}

// ---- log-in

TEST_F(ApiCoreTest, ALogInGivesATokenThatWorks) {
  start();
  std::optional<Expected<LoginReply>> reply;
  scope_->spawn(run_login(&core_, meta(""), {"demo", "right", "demo"}, &reply));
  settle();
  EXPECT_EQ(get<FindUser>(sent().request), (FindUser{"demo", "demo"}));
  EXPECT_TRUE(sent().context.is_admin()) << "the api-server asks in its own name";
  FoundUser found;
  found.user = {user_, "demo", "scrypt$fake$right", true};
  found.project = {project_, "demo", "", true};
  found.role = UserRole::kMember;
  answer(found);
  loop_.run_until(loop_.now() + milliseconds(100));
  ASSERT_TRUE(reply.has_value() && reply->has_value());
  EXPECT_EQ((*reply)->project_id, project_);
  EXPECT_EQ((*reply)->user_id, user_);
  EXPECT_EQ((*reply)->role, UserRole::kMember);
  ask(meta((*reply)->token), launch());
  EXPECT_EQ(sent().context.project_id, project_);
  EXPECT_EQ(sent().context.role, UserRole::kMember);
  loop_.run_until(loop_.now() + seconds(3600));
  EXPECT_EQ(ask_refused(meta((*reply)->token), GetCloudStatus{}).code, ErrorCode::kUnauthenticated);
}

TEST_F(ApiCoreTest, NoSecretIsLogged) {
  start();
  std::optional<Expected<LoginReply>> reply;
  scope_->spawn(run_login(&core_, meta(""), {"demo", "hunter2", ""}, &reply));
  settle();
  answer(fail(ErrorCode::kNotFound, "no user"));
  loop_.run_until(loop_.now() + milliseconds(100));
  EXPECT_EQ(reply->error().code, ErrorCode::kUnauthenticated);
  ASSERT_FALSE(log_.events.empty());
  for (const auto& event : log_.events)
    for (const auto& [key, value] : event.fields) EXPECT_EQ(value.find("hunter2"), std::string::npos) << key;
}

// ---- watches

TEST_F(ApiCoreTest, AWatchSeesItsProjectOnly) {
  start();
  std::string text = token(UserRole::kReader);
  EXPECT_EQ(core_.open_watch(meta(text), {.all_projects = true}).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(core_.open_watch(meta(text), {.cloud_events = true}).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(core_.open_watch(meta(text), {.server = "web1"}).error().code, ErrorCode::kInvalidArgument);
  auto watch = core_.open_watch(meta(text), {});
  ASSERT_TRUE(watch.has_value());
  std::optional<Expected<WatchBatch>> batch;
  scope_->spawn(run_next(&core_, *watch, seconds(30), &batch));
  settle();
  WatchEvents events{0, {WatchEvent{.revision = 1}, WatchEvent{.revision = 2, .project_id = project_}}};
  transport_.deliver(core_, kController, events);
  settle();
  ASSERT_TRUE(batch && batch->has_value());
  ASSERT_EQ((*batch)->events.size(), 1u);
  EXPECT_EQ((*batch)->events[0].revision, 2u);
}

TEST_F(ApiCoreTest, OlderEventsAreAskedOfTheController) {
  start();
  transport_.deliver(core_, kController, WatchEvents{10, {}});
  auto watch = core_.open_watch(meta(token(UserRole::kReader)), {.since = 4});
  std::optional<Expected<WatchBatch>> batch;
  scope_->spawn(run_next(&core_, *watch, seconds(30), &batch));
  settle();
  EXPECT_EQ(get<ReadEvents>(sent().request), (ReadEvents{4, 1000, true}));
  EventList page;
  page.events = {WatchEvent{.revision = 5, .project_id = project_}, WatchEvent{.revision = 6}};
  page.revision = 10;
  answer(page);
  ASSERT_TRUE(batch && batch->has_value());
  EXPECT_EQ((*batch)->events.size(), 1u);
  EXPECT_EQ((*batch)->position.revision, 10u);
}

TEST_F(ApiCoreTest, AWatchEndsWithTheKeyOfItsTokenAndNotWithAnother) {
  start();
  auto watch = core_.open_watch(meta(token(UserRole::kReader)), {});
  ASSERT_TRUE(watch.has_value());
  std::optional<Expected<WatchBatch>> batch;
  transport_.deliver(core_, kController, TokenKeys{std::string(32, 'n') + std::string(32, 'k')});
  scope_->spawn(run_next(&core_, *watch, seconds(1), &batch));
  loop_.run_until(loop_.now() + seconds(2));
  EXPECT_TRUE(batch && batch->has_value()) << "the key before is kept";
  transport_.deliver(core_, kController, TokenKeys{std::string(32, 'n')});
  scope_->spawn(run_next(&core_, *watch, seconds(1), &batch));
  settle();
  ASSERT_TRUE(batch && !batch->has_value());
  EXPECT_EQ(batch->error().code, ErrorCode::kUnauthenticated);
}

TEST_F(ApiCoreTest, AWatchEndsWithItsToken) {
  start();
  auto watch = core_.open_watch(meta(token(UserRole::kReader, loop_.wall_now() + seconds(5))), {});
  ASSERT_TRUE(watch.has_value());
  std::optional<Expected<WatchBatch>> batch;
  scope_->spawn(run_next(&core_, *watch, seconds(30), &batch));
  loop_.run_until(loop_.now() + seconds(6));
  ASSERT_TRUE(batch && batch->has_value()) << "the wait ends when the token does";
  scope_->spawn(run_next(&core_, *watch, seconds(30), &batch));
  settle();
  EXPECT_EQ(batch->error().code, ErrorCode::kUnauthenticated);
}

}  // namespace
}  // namespace kilonova::api
