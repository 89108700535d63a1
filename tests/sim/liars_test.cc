// Peers that lie, one of each role: what a role must not send, and what it may with wrong epochs, hosts and calls, from
// the table of domain/messages.cc. A whole cloud stands by: nobody dies of it, and no server, guest or lease changes.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/nouns/server.h"
#include "sim/checkers/settled.h"
#include "sim/scenario_clients.h"

namespace kilonova::sim {
namespace {

using ::testing::IsEmpty;

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
constexpr std::array kAll{Role::kController, Role::kScheduler, Role::kNetwork, Role::kCompute, Role::kApi};
constexpr std::array kLiars{Role::kController, Role::kScheduler, Role::kNetwork, Role::kCompute, Role::kApi};

// Who has the credentials of a role, and lies.
class Liar {
 public:
  virtual ~Liar() = default;
  virtual void say(PeerId to, uint64_t call, Message::Body body) = 0;
  virtual const SimTransport& transport() const = 0;

  std::vector<PeerId> peers() const {
    std::vector<PeerId> all;
    for (Role role : kAll)
      for (const Peer& peer : transport().peers(role)) all.push_back(peer.id);
    return all;
  }
};

// One more process of the cloud. It hears everything and does nothing.
class LyingProcess final : public Liar, public PeerHandler {
 public:
  LyingProcess(SimCloud& cloud, Role role)
      : loop_(cloud.loop()), transport_(cloud.network(), loop_, PeerId{role, 9}, 77) {
    transport_.open(*this);
  }

  void on_peer_up(const Peer&) override {}
  void on_peer_down(const Peer&) override {}
  void on_message(const Peer&, Message) override {}
  void say(PeerId to, uint64_t call, Message::Body body) override {
    transport_.send(to, Message{call, std::move(body)});
  }
  const SimTransport& transport() const override { return transport_; }

 private:
  NodeLoop loop_;
  SimTransport transport_;
};

// The controller itself is told to lie: nobody takes a connection from a controller, and everybody dials the one there is.
// It goes on with its work, and hears the answers to what it never said.
class LyingController final : public Liar {
 public:
  explicit LyingController(SimCloud& cloud) : cloud_(cloud) {}

  void say(PeerId to, uint64_t call, Message::Body body) override {
    cloud_.network().say_at_once(*cloud_.controller().transport(), to, Message{call, std::move(body)});
  }
  const SimTransport& transport() const override { return *cloud_.controller().transport(); }

 private:
  SimCloud& cloud_;
};

std::unique_ptr<Liar> liar_of(SimCloud& cloud, Role role) {
  if (role == Role::kController) return std::make_unique<LyingController>(cloud);
  return std::make_unique<LyingProcess>(cloud, role);
}

// What a lie is about.
struct Victim {
  PlacementId placement;
  std::string host;
  uint64_t operation = 0;
};

InstanceReport report_of(const Victim& victim, BuildResult result) {
  InstanceReport report;
  report.host = victim.host;
  report.placement = victim.placement;
  report.attempt = 1;
  report.result = result;
  report.step = LaunchStep::kGuestStarted;
  report.fault = {ErrorCode::kInternal, "a lie"};
  return report;
}

BuildAndRunInstance build_of(const Victim& victim) {
  BuildAndRunInstance build;
  build.host = victim.host;
  build.placement = victim.placement;
  return build;
}

HostStatus host_status(const Victim& victim) {
  HostStatus status;
  status.id = 1;
  status.name = victim.host;
  status.process = {Role::kCompute, 9};
  return status;
}

// One of each type at least.
std::vector<Message::Body> lies_about(const Victim& victim) {
  const PlacementId& placement = victim.placement;
  const Resources much{.vcpus = 1 << 20, .memory_mb = std::numeric_limits<int64_t>::max(), .disk_gb = -1};
  SelectDestinations select;
  select.scheduler = kMost;
  select.cast_number = kMost;
  select.requests.emplace_back().placement = placement;
  const BuildAndRunInstance build = build_of(victim);
  ServerActionDone done{victim.host, placement, victim.operation, PowerState::kShutdown, {ErrorCode::kInternal, ""}};
  ServerActionDone failed = done;
  failed.fault.message = "a lie";
  AllocateAddresses allocate;
  allocate.placement = placement;
  allocate.host = victim.host;
  allocate.shares_with = placement.epoch;
  ReleaseAddresses release;
  release.placement = placement;
  release.ticket = kMost;
  release.server_is_gone = true;
  AllocateAddressesReply reply;
  reply.placement = placement;
  OwnershipQuery query{.held = {placement}, .is_range = true};
  OwnershipAnswer answer{.orphans = {placement}};
  WatchEvent event;
  event.revision = kMost;
  event.instance = placement.instance;
  event.deleted = true;
  return {select,
          HostStatuses{true, {host_status(victim)}},
          NoValidHost{{placement}, "a lie", {}, {}},
          SelectDestinationsRefused{kMost, {placement}},
          SchedulerHeartbeat{kMost, kMost, kMost, -1, 1e300, 0},
          build,
          UsageUpdate{true, {{victim.host, kMost, much, much, 1 << 30, {placement}}}},
          RegisterHosts{{{victim.host, "nova", much}}, {{victim.host, placement, PowerState::kShutdown, true}}, true},
          ComputeHeartbeat{{victim.host}, {{victim.host, placement}}},
          report_of(victim, BuildResult::kProgress),
          report_of(victim, BuildResult::kActive),
          report_of(victim, BuildResult::kRescheduled),
          report_of(victim, BuildResult::kFailed),
          report_of(victim, BuildResult::kLost),
          InstanceTerminated{victim.host, placement},
          done,
          failed,
          RegisterHostsAnswer{{{victim.host, "a lie"}}},
          ReportAnswer{victim.host, placement, ReportAnswer::Verdict::kStale},
          TerminateInstance{victim.host, placement, {}},
          ApplyServerAction{victim.host, placement, victim.operation + 1, ServerActionKind::kStop, {}, {}},
          allocate,
          release,
          reply,
          AddressesReleased{placement},
          NetworksSnapshot{},
          query,
          answer,
          ApiCall{{.role = UserRole::kAdmin}, {}, DeleteServer{to_string(placement.instance)}},
          ApiCall{{.role = UserRole::kAdmin}, {}, ReadBeliefs{}},
          ApiReply{ApiResponse(Empty{})},
          ApiReply{fail(ErrorCode::kInternal, "a lie")},
          TokenKeys{std::string(32, '\0')},
          WatchEvents{kMost, {event}, {}, kMost},
          AddressKey{},
          FaultReached{1, kMost, placement, victim.operation, victim.host},
          FaultVerdict{true},
          HttpFaults{},
          EndProcess{},
          CacheImages{{victim.host}, {{placement.instance, "a lie", kMost}}},
          HostsDeleted{kMost, {victim.host}}};
}

class LiarPeers : public ::testing::TestWithParam<Role> {
 protected:
  LiarPeers() {
    CloudOptions options{.hosts = 4, .compute_processes = 2, .schedulers = 2};
    cloud_ = std::make_unique<SimCloud>(options);
    checkers_ = std::make_unique<CheckerSet>(*cloud_);
    clients_ = std::make_unique<ScenarioClients>(*cloud_, *checkers_);
    cloud_->start();
    cloud_->run_for(seconds(2));
    CreateServers request;
    request.name = "server";
    request.flavor = "m1.tiny";
    request.image = "cirros";
    request.min_count = request.max_count = 4;
    request.client_token = "servers-of-the-truth";
    clients_->call(std::move(request));
    cloud_->run_for(seconds(20));
    liar_ = liar_of(*cloud_, GetParam());
    cloud_->run_for(seconds(1));
    before_ = truth();
  }
  ~LiarPeers() override {
    liar_.reset();
    cloud_.reset();
  }

  // All that is durable of servers.
  std::string truth() const {
    std::string text;
    const Ledger& ledger = cloud_->ledger();
    for (const auto& [uuid, row] : ledger.rows())
      text += fmt::format("{} {} operation {}\n", to_string(uuid), describe(row), row.operation);
    for (const auto& [key, guest] : ledger.guests())
      text += fmt::format("{} on {} epoch {} power {}\n", to_string(key.first), key.second, guest.placement.epoch,
                          static_cast<int>(guest.power_state));
    for (const auto& [key, lease] : ledger.leases())
      text += fmt::format("{} {} {} epoch {}\n", to_string(key.first), key.second, to_string(lease.address.ip),
                          lease.epoch);
    return text;
  }
  // Each server with epochs and hosts that are right, and that are not.
  std::vector<Victim> victims() const {
    std::vector<Victim> all;
    for (const auto& [uuid, row] : cloud_->ledger().rows())
      for (uint64_t epoch : {row.epoch, row.epoch - 1, row.epoch + 1, uint64_t{1} << 32, uint64_t{1} << 63, kMost})
        for (const std::string& host :
             {row.host, std::string("host-00003"), std::string(), std::string("no such host")})
          all.push_back({{uuid, epoch}, host, epoch});
    all.push_back({{}, "", 0});
    return all;
  }
  // Says all that `wanted` takes to everybody it is connected with, by every kind of call number.
  template <class Wanted>
  size_t say_all(Wanted wanted) {
    size_t said = 0;
    for (PeerId to : liar_->peers()) {
      for (const Victim& victim : victims()) {
        for (const Message::Body& body : lies_about(victim)) {
          if (!wanted(Message{0, body}, to)) continue;
          for (uint64_t call : {uint64_t{0}, uint64_t{1}, kMost}) liar_->say(to, call, body);
          said += 3;
        }
      }
      cloud_->run_for(seconds(1));
    }
    return said;
  }
  void expect_nothing_happened() {
    cloud_->run_for(seconds(30));
    EXPECT_EQ(truth(), before_);
    liar_.reset();
    cloud_->run_for(seconds(400));
    EXPECT_EQ(truth(), before_);
    check_settled(*cloud_, checkers_->violations());
    EXPECT_THAT(checkers_->violations().found(), IsEmpty());
  }

  std::unique_ptr<CheckerSet> checkers_;
  std::unique_ptr<ScenarioClients> clients_;
  std::unique_ptr<SimCloud> cloud_;
  std::unique_ptr<Liar> liar_;
  std::string before_;
};

TEST(Lies, AreOfEveryTypeOfMessage) {
  std::set<size_t> types;
  for (const Message::Body& body : lies_about({})) types.insert(body.index());
  EXPECT_EQ(types.size(), MessageSet::Types::kSize);
}

TEST_P(LiarPeers, WhatARoleMustNotSendIsIgnored) {
  ASSERT_FALSE(liar_->peers().empty());
  const uint64_t warnings = cloud_->history().warnings;
  const size_t said =
      say_all([](const Message& message, PeerId to) { return !may_send(message, GetParam(), to.role); });
  EXPECT_GT(said, 1000u);
  expect_nothing_happened();
  // Each is logged; of progress that waits in a queue only the last.
  EXPECT_GE(cloud_->history().warnings - warnings, said * 9 / 10);
}

// A compute process speaks for its own hosts and holds its own tickets; a scheduler says what became of its own casts,
// is believed where it casts. Whoever has the credentials of another role is it.
class BoundedLiars : public LiarPeers {};

TEST_P(BoundedLiars, DoNothingToOthers) {
  const size_t said = say_all([](const Message& message, PeerId to) {
    const auto* usage = get_if<UsageUpdate>(&message.body);
    const bool is_of_known_host = usage == nullptr || usage->hosts.front().host.starts_with("host-");
    return may_send(message, GetParam(), to.role) && !holds_alternative<BuildAndRunInstance>(message.body) &&
           is_of_known_host;
  });
  EXPECT_GT(said, 100u);
  expect_nothing_happened();
}

// Whoever has the credentials of an api-server, the network-controller or the controller is one, and may ask for what it
// likes: but nobody dies of it, and the cloud serves on.
TEST_P(LiarPeers, NobodyDiesOfWhatARoleMaySend) {
  std::map<PeerId, Incarnation> lives;
  for (const Node* node : cloud_->nodes()) lives[node->id()] = node->transport()->incarnation();
  const size_t said = say_all([](const Message& message, PeerId to) { return may_send(message, GetParam(), to.role); });
  EXPECT_GT(said, 100u);
  cloud_->run_for(seconds(30));
  liar_.reset();
  cloud_->run_for(seconds(400));
  for (const Node* node : cloud_->nodes()) {
    ASSERT_TRUE(node->alive()) << to_string(node->id());
    EXPECT_EQ(node->transport()->incarnation(), lives[node->id()]) << to_string(node->id()) << " was started again";
  }
  ASSERT_NE(cloud_->controller().core(), nullptr);
  CreateServers request;
  request.name = "afterwards";
  request.flavor = "m1.tiny";
  request.image = "cirros";
  request.min_count = request.max_count = 1;
  request.client_token = "afterwards";
  clients_->call(std::move(request));
  cloud_->run_for(seconds(60));
  EXPECT_EQ(clients_->waiting(), 0u);
  // What it ended, the rows say.
  Violations left;
  check_settled(*cloud_, left);
  EXPECT_THAT(left.found(), IsEmpty());
}

std::string name_of(const ::testing::TestParamInfo<Role>& info) { return std::string(to_string(info.param)); }

INSTANTIATE_TEST_SUITE_P(All, LiarPeers, ::testing::ValuesIn(kLiars), name_of);
INSTANTIATE_TEST_SUITE_P(All, BoundedLiars, ::testing::Values(Role::kScheduler, Role::kCompute), name_of);

}  // namespace
}  // namespace kilonova::sim
