#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "domain/api.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/flavor.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/service.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"
#include "rpc/convert/convert.h"
#include "rpc/convert/operations.h"
#include "tests/unit/rpc-convert/fill.h"

namespace kilonova::rpc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The answers a controller could give, all fields filled, made from the messages between daemons.
ApiResponse filled_response(const std::string& result, Random& random) {
  v1::Envelope envelope;
  fill(envelope.mutable_api_reply(), random, result);
  auto message = from_proto(envelope);
  EXPECT_TRUE(message) << result;
  return *get<ApiReply>(message->body).result;
}

// A method name is its request's without the ending; the request's oneof field in ApiCall is its snake case.
template <class Operation, class Request>
void expect_request_kept(const std::string& field_name) {
  Random random(1);
  for (int i = 0; i < 8; ++i) {
    Request request;
    fill(&request, random);
    Expected<Operation> decoded = from_public<Operation>(request);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(std::string(Operation::kOperation.name) + "Request", Request::descriptor()->name());
    if constexpr (Operation::kOperation.decided_by == DecidedBy::kApi) continue;  // never travels
    v1::Envelope envelope;
    to_proto(Message{1, ApiCall{{}, {}, *decoded}}, &envelope);
    const auto& call = envelope.api_call();
    const auto* field = call.GetDescriptor()->FindFieldByName(field_name);
    ASSERT_NE(field, nullptr) << field_name;
    const auto& sent = call.GetReflection()->GetMessage(call, field);
    if (sent.GetDescriptor() != Request::descriptor()) continue;  // SetQuota: below
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(request, sent)) << request.DebugString();
  }
}

std::string snake_case(std::string_view name) {
  std::string result;
  for (char c : name) {
    if (std::isupper(static_cast<unsigned char>(c))) {
      if (!result.empty()) result += '_';
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      result += c;
    }
  }
  return result;
}

TEST(PublicApi, EveryRequestArrivesWhole){
#define KN_CHECK_REQUEST(Name)                                       \
  {                                                                  \
    SCOPED_TRACE(#Name);                                             \
    expect_request_kept<Name, v1::Name##Request>(snake_case(#Name)); \
  }
    KN_OPERATIONS(METHODS, KN_CHECK_REQUEST)
#undef KN_CHECK_REQUEST
}

TEST(PublicApi, EveryRequestHasAMethodOfTheService) {
  const auto* service = v1::LoginRequest::descriptor()->file()->pool()->FindServiceByName("kilonova.v1.Cloud");
  ASSERT_NE(service, nullptr);
  int listed = 0;
#define KN_CHECK_METHOD(Name)                                         \
  {                                                                   \
    const auto* method = service->FindMethodByName(#Name);            \
    ASSERT_NE(method, nullptr) << #Name;                              \
    EXPECT_EQ(method->input_type(), v1::Name##Request::descriptor()); \
    EXPECT_EQ(method->output_type(), v1::Name##Reply::descriptor());  \
    ++listed;                                                         \
  }
  KN_OPERATIONS(METHODS, KN_CHECK_METHOD)
#undef KN_CHECK_METHOD
  EXPECT_EQ(listed + 2, service->method_count()) << "Login and Watch are not in the list";
  for_each_type(OperationSet::Types{}, [&]<class Operation>() {
    if (Operation::kOperation.asked_by == AskedBy::kClient) --listed;
  });
  EXPECT_EQ(listed, 0) << "every operation of clients has a method";
}

TEST(PublicApi, TheRequestsThatTheApiServerCompletes) {
  v1::CreateKeyPairRequest key;
  key.set_name("k");
  key.set_type("ed25519");
  key.set_public_key("ssh-ed25519 AAAA");
  CreateKeyPair create_key = *from_public<CreateKeyPair>(key);
  EXPECT_EQ(create_key.name, "k");
  EXPECT_EQ(create_key.type, "ed25519");
  EXPECT_EQ(create_key.public_key, "ssh-ed25519 AAAA");

  v1::CreateUserRequest user;
  user.set_name("u");
  user.set_password("secret");
  EXPECT_EQ(*from_public<CreateUser>(user), (CreateUser{"u", "secret"}));

  v1::SetQuotaRequest quota;
  quota.set_project("p");
  quota.set_instances(0);
  quota.set_cores(-1);
  quota.set_key_pairs(512);
  Quota limits = unchanged_quota();  // what is left out stays
  limits.instances = 0;
  limits.cores = -1;
  limits.key_pairs = 512;
  EXPECT_EQ(*from_public<SetQuota>(quota), (SetQuota{"p", limits}));
  quota.set_force(true);
  EXPECT_TRUE(from_public<SetQuota>(quota)->force);
}

TEST(PublicApi, WhatIsLeftOutMeansTheDefault) {
  auto create = *from_public<CreateServers>(v1::CreateServersRequest());
  EXPECT_EQ(create, CreateServers());
  EXPECT_EQ(create.min_count, 1u);
  v1::CreateServersRequest zero;
  zero.set_min_count(0);
  EXPECT_EQ(from_public<CreateServers>(zero)->min_count, 0u) << "an asked-for 0 must reach the validation";
  EXPECT_EQ(from_public<ListServers>(v1::ListServersRequest())->limit, 1000u);
  v1::AddFaultRequest fault;
  fault.mutable_rule()->set_step(v1::LAUNCH_STEP_CLAIMED);
  EXPECT_EQ(from_public<AddFault>(fault)->rule.count, -1);
  EXPECT_TRUE(from_public<AddFault>(fault)->rule.fails);
  EXPECT_EQ(from_public<CreateImage>(v1::CreateImageRequest())->disk_format, "qcow2");
}

TEST(PublicApi, ABadRequestNamesItsField) {
  v1::ServerActionRequest action;
  action.set_action(static_cast<v1::ServerActionKind>(99));
  auto refused = from_public<ServerAction>(action);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message,
              HasSubstr("ServerActionRequest.action: 99 is not a ServerActionKind: SERVER_ACTION_KIND_STOP"));
}

// A reply of this type with every field filled, made from the messages between daemons.
template <class Answer>
Answer filled_answer(Random& random) {
  const auto* results = v1::ApiReply::descriptor()->oneof_decl(0);
  for (int i = 0; i < results->field_count(); ++i) {
    if (results->field(i)->name() == "error") continue;
    ApiResponse response = filled_response(results->field(i)->name(), random);
    if (auto* answer = get_if<Answer>(&response)) return std::move(*answer);
  }
  ADD_FAILURE() << "no field of ApiReply holds such an answer";
  return {};
}

template <class Operation, class Reply>
void expect_reply_filled() {
  Random random(7);
  auto answer = filled_answer<typename Operation::Reply>(random);
  if constexpr (requires { answer.properties.front().instance = answer.servers.front().uuid; })
    for (size_t i = 0; i < answer.servers.size(); ++i) {
      answer.properties.resize(answer.servers.size(), answer.properties.front());
      answer.properties[i].instance = answer.servers[i].uuid;
    }
  // Whoever asks how a server was launched is not told what its users say of it.
  const std::set<std::string> said{"server.description",
                                   "server.metadata",
                                   "server.tags",
                                   "server.locked",
                                   "server.locked_reason",
                                   "server.config_drive",
                                   "server.user_data",
                                   "server.access_ip_v4",
                                   "server.access_ip_v6",
                                   "server.auto_disk_config",
                                   "server.trusted_image_certificates"};
  const bool is_record = std::is_same_v<Operation, GetLaunchRecord>;
  Reply reply;
  ASSERT_TRUE(to_public(answer, Audience::kAdmin, &reply));
  std::vector<std::string> left_out;
  for (const std::string& path : unset_fields(reply))
    // The caller adds the private key; the maker of a network knows that it is empty.
    // A fault is shown in ERROR only (below).
    if (path != "private_key" && path != "network.addresses_used" && path.find(".is_public") == std::string::npos &&
        !path.ends_with(".fault") && !(is_record && said.contains(path)))
      left_out.push_back(path);
  EXPECT_THAT(left_out, IsEmpty());
}

TEST(PublicApi, EveryReplyShowsEveryField){
#define KN_CHECK_REPLY(Name)                      \
  {                                               \
    SCOPED_TRACE(#Name);                          \
    expect_reply_filled<Name, v1::Name##Reply>(); \
  }
    KN_OPERATIONS(METHODS, KN_CHECK_REPLY)
#undef KN_CHECK_REPLY
}

TEST(PublicApi, ACreateWithAnEmptyListIsRefused) {
  v1::CreateFlavorReply reply;
  EXPECT_FALSE(to_public(FlavorList(), Audience::kAdmin, &reply));
}

TEST(PublicApi, SecretsStayBehind) {
  Random random(8);
  auto users = filled_answer<UserList>(random);
  users.users[0].password_hash = "scrypt$HASH";
  v1::ListUsersReply list;
  v1::CreateUserReply create;
  ASSERT_TRUE(to_public(users, Audience::kAdmin, &list));
  ASSERT_TRUE(to_public(users, Audience::kAdmin, &create));
  EXPECT_THAT(list.SerializeAsString(), Not(HasSubstr("HASH")));
  EXPECT_THAT(create.SerializeAsString(), Not(HasSubstr("HASH")));

  Instance instance;
  instance.vm_state = VmState::kError;
  instance.fault = InstanceFault{500, "No valid host was found.", "filter details", {}};
  v1::Server user_view, admin_view;
  to_view(instance, Audience::kUser, &user_view);
  to_view(instance, Audience::kAdmin, &admin_view);
  EXPECT_EQ(user_view.fault().message(), "No valid host was found.");
  EXPECT_EQ(user_view.fault().details(), "");
  EXPECT_EQ(admin_view.fault().details(), "filter details");
}

// Names of hosts, and what room they have, are the administrators'.
TEST(PublicApi, UsersDoNotSeeTheFleet) {
  LaunchRecord record;
  record.server.current.host = "secret-1";
  record.server.tried_hosts = {"secret-2"};
  record.steps = {{.step = LaunchStep::kClaimed,
                   .epoch = 1,
                   .attempt = 1,
                   .daemon = "compute-0",
                   .host = "secret-1",
                   .fault = "Insufficient compute resources: free vcpus 5 of secret-1."}};
  record.decisions = {{.epoch = 1,
                       .attempt = 1,
                       .scheduler = "scheduler-0",
                       .driver = "filter",
                       .hosts_total = 4711,
                       .filters = {{"ComputeFilter", 4711}},
                       .weighed = {{"secret-1", 1.5, {}}},
                       .chosen = "secret-1",
                       .alternates = {"secret-2"},
                       .reason = "No valid host was found.",
                       .explanation = "Of 4711 hosts, secret-1 ..."}};
  v1::GetLaunchRecordReply user, admin;
  ASSERT_TRUE(to_public(record, Audience::kUser, &user));
  ASSERT_TRUE(to_public(record, Audience::kAdmin, &admin));
  EXPECT_THAT(user.SerializeAsString(), Not(HasSubstr("secret")));
  EXPECT_EQ(user.steps(0).step(), admin.steps(0).step());
  EXPECT_EQ(user.steps(0).fault(), "Insufficient compute resources");
  EXPECT_EQ(user.decisions(0).driver(), "filter");
  EXPECT_EQ(user.decisions(0).reason(), "No valid host was found.");
  EXPECT_EQ(admin.decisions(0).explanation(), "Of 4711 hosts, secret-1 ...");
  EXPECT_EQ(user.decisions(0).hosts_total(), 0u);
  EXPECT_EQ(user.decisions(0).filters_size() + user.decisions(0).weighed_size(), 0);
  EXPECT_EQ(admin.server().host(), "secret-1");
  EXPECT_EQ(admin.server().tried_hosts(0), "secret-2");
  EXPECT_EQ(admin.steps(0).host(), "secret-1");
  EXPECT_EQ(admin.decisions(0).chosen(), "secret-1");

  CloudStatus status{.servers = 3, .hosts = 4711, .hosts_up = 4710, .claim_conflicts = 5};
  v1::GetCloudStatusReply own, whole;
  ASSERT_TRUE(to_public(status, Audience::kUser, &own));
  ASSERT_TRUE(to_public(status, Audience::kAdmin, &whole));
  EXPECT_EQ(own.status().servers(), 3u);
  EXPECT_FALSE(own.status().has_hosts() || own.status().has_hosts_up() || own.status().has_claim_conflicts());
  EXPECT_EQ(whole.status().hosts(), 4711u);

  EventList events;
  events.events.emplace_back().host = "secret-1";
  v1::ReadEventsReply seen, all;
  ASSERT_TRUE(to_public(events, Audience::kUser, &seen));
  ASSERT_TRUE(to_public(events, Audience::kAdmin, &all));
  EXPECT_EQ(seen.events(0).host(), "");
  EXPECT_EQ(all.events(0).host(), "secret-1");
}

TEST(PublicApi, AFaultIsShownInErrorOnly) {
  Instance instance;
  instance.fault = InstanceFault{500, "No valid host was found.", "", {}};
  for (VmState state : {VmState::kActive, VmState::kStopped, VmState::kBuilding}) {
    instance.vm_state = state;
    v1::Server view;
    to_view(instance, Audience::kAdmin, &view);
    EXPECT_FALSE(view.has_fault()) << to_string(state);
  }
  for (VmState state : {VmState::kError, VmState::kDeleted}) {
    instance.vm_state = state;
    v1::Server view;
    to_view(instance, Audience::kAdmin, &view);
    EXPECT_TRUE(view.has_fault()) << to_string(state);
  }
}

TEST(PublicApi, AServerAsTheClientSeesIt) {
  Instance instance;
  instance.id = 42;
  instance.uuid = *parse_uuid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  instance.spec.project_id = instance.uuid;
  instance.trace.request_id = instance.uuid;
  instance.vm_state = VmState::kActive;
  instance.task_state = TaskState::kRebootingHard;
  instance.power_state = PowerState::kRunning;
  instance.current.step = LaunchStep::kActive;
  Address address;
  address.ip = *parse_ipv4("10.0.0.5");
  address.mac = Mac{0xfa163e010203};
  instance.current.addresses = {address};

  v1::Server server;
  to_view(instance, Audience::kUser, &server);
  EXPECT_EQ(server.id(), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  EXPECT_EQ(server.project_id(), "f81d4fae7dec11d0a76500a0c91e6bf6");
  EXPECT_EQ(server.request_id(), "req-f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  EXPECT_EQ(server.instance_name(), "instance-0000002a");
  EXPECT_EQ(server.status(), "HARD_REBOOT");
  EXPECT_EQ(server.vm_state(), v1::VM_STATE_ACTIVE);
  EXPECT_EQ(server.task_state(), v1::TASK_STATE_REBOOTING_HARD);
  EXPECT_EQ(server.power_state(), v1::POWER_STATE_RUNNING);
  EXPECT_EQ(server.step(), "active");
  EXPECT_EQ(server.addresses(0).ip(), "10.0.0.5");
  EXPECT_EQ(server.addresses(0).mac(), "fa:16:3e:01:02:03");
  EXPECT_FALSE(server.has_fault());
}

}  // namespace
}  // namespace kilonova::rpc
