// A controller on a virtual loop with a store in memory; the test plays every peer.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/core/controller_core.h"
#include "domain/api.h"
#include "domain/messages.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/user_role.h"
#include "runtime/node_loop.h"
#include "runtime/run_task.h"
#include "runtime/virtual_loop.h"
#include "store/memory_controller_store.h"
#include "tests/support/fake_transport.h"
#include "tests/support/recording_log.h"

namespace kilonova::controller {

inline constexpr PeerId kApi{Role::kApi, 0};
inline constexpr PeerId kScheduler{Role::kScheduler, 0};
inline constexpr PeerId kNetwork{Role::kNetwork, 0};
inline constexpr PeerId kCompute{Role::kCompute, 0};

class ControllerTest : public ::testing::Test {
 protected:
  ControllerTest() { boot(); }

  // What a first start or a restart does; a restart loses everything but the image.
  void boot() {
    transport = std::make_unique<testing::FakeTransport>(PeerId{Role::kController, 0}, ++lives);
    node = std::make_unique<NodeLoop>(loop);
    store = std::make_unique<MemoryControllerStore>(*node, image, disk);
    ControllerState state = *store->load();
    Transaction rows = bootstrap_rows(state, {"hash", "hash", std::string(32, 'k')}, random, loop.wall_now());
    if (!rows.empty()) {
      ASSERT_TRUE(run_task(loop, store->commit(std::move(rows))).has_value());
      state = *store->load();
    }
    core = std::make_unique<ControllerCore>(ControllerPorts{*node, *transport, log, random, *store, begin_again, failed_reset},
                                            options, std::move(state));
    core->start();
  }
  void restart() {
    core.reset();
    store.reset();
    node.reset();
    boot();
  }
  void connect_all() {
    transport->connect(*core, kNetwork, lives);
    Network network;
    network.id = network_id;
    network.name = "private";
    network.shared = true;
    transport->deliver(*core, kNetwork, NetworksSnapshot{{network}});
    transport->connect(*core, kScheduler, 1);
    transport->connect(*core, kApi, 1);
    connect_compute(1);
  }
  void connect_compute(Incarnation incarnation, std::vector<GuestInfo> guests = {}) {
    transport->connect(*core, kCompute, incarnation);
    transport->deliver(*core, kCompute,
                       RegisterHosts{{{"h1", "nova", {64, 65'536, 1'000}},
                                      {"h2", "nova", {64, 65'536, 1'000}},
                                      {"h3", "nova", {64, 65'536, 1'000}}},
                                     std::move(guests),
                                     true});
    settle();
    heartbeat({});
  }
  void heartbeat(std::vector<ComputeHeartbeat::Unfinished> unfinished) {
    transport->deliver(*core, kCompute, ComputeHeartbeat{{}, std::move(unfinished)});
    settle();
  }
  // Lets all that is ready run; no virtual time passes but a commit's.
  void settle() { loop.run_until(loop.now() + milliseconds(1)); }
  void pass(Duration duration) { loop.run_until(loop.now() + duration); }

  RequestContext admin() const {
    const RecordTables& records = core->records();
    return {
        records.find_user("admin")->id, records.find_project("admin")->id, UserRole::kAdmin, {Uuid{{1}}, Uuid{{2}}, 3}};
  }
  Expected<ApiResponse> call(ApiRequest request, std::optional<RequestContext> context = std::nullopt) {
    if (transport->peers(Role::kApi).empty()) transport->connect(*core, kApi, 1);
    uint64_t id = ++calls;
    StepRecord accepted{LaunchStep::kRequestAccepted, 1, 1, "api-0", "", loop.wall_now(), microseconds(5), ""};
    transport->deliver(*core, kApi, ApiCall{context.value_or(admin()), accepted, std::move(request)}, id);
    settle();
    for (const auto& sent : transport->sent())
      if (sent.message.call == id && holds_alternative<ApiReply>(sent.message.body))
        return get<ApiReply>(sent.message.body).result;
    return fail(ErrorCode::kDeadlineExceeded, "the controller did not answer");
  }
  static CreateServers create_request(std::string name = "web", uint32_t count = 1) {
    CreateServers request;
    request.name = std::move(name);
    request.flavor = "m1.tiny";
    request.image = "cirros";
    request.min_count = request.max_count = count;
    return request;
  }
  Instance create(std::string name = "web") {
    auto reply = call(create_request(std::move(name)));
    EXPECT_TRUE(reply.has_value()) << (reply ? "" : reply.error().message);
    return get<CreateServersReply>(*reply).servers.at(0);
  }
  // nullptr when it is gone.
  const Instance* row(const Uuid& uuid) const { return core->instances().find(uuid); }

  InstanceReport report(const Instance& server, BuildResult result, std::string host = "h1") {
    const Instance* now = row(server.uuid);
    InstanceReport report;
    report.host = std::move(host);
    report.placement = {server.uuid, now ? now->current.epoch : server.current.epoch};
    report.attempt = now ? now->attempt : 1;
    report.result = result;
    report.step = LaunchStep::kGuestStarted;
    report.decision.driver = "filter";
    report.alternates = {"h2", "h3"};
    report.fault = {ErrorCode::kInternal, "it did not start"};
    return report;
  }
  void deliver(Message::Body body, PeerId from = kCompute) {
    transport->deliver(*core, from, std::move(body));
    settle();
  }
  void make_active(const Instance& server, std::string host = "h1") {
    deliver(report(server, BuildResult::kActive, std::move(host)));
  }
  std::vector<ReportAnswer> answers() { return transport->take<ReportAnswer>(); }

  VirtualLoop loop;
  Random random{42};
  MemoryControllerImage image;
  MemoryDisk disk;
  testing::RecordingLog log;
  ControllerOptions options;
  CloudResets::BeginAgain begin_again;  // of the next life
  std::optional<FailedReset> failed_reset;
  Uuid network_id{{9}};
  Incarnation lives = 0;
  uint64_t calls = 0;
  std::unique_ptr<testing::FakeTransport> transport;
  std::unique_ptr<NodeLoop> node;  // what is set on it dies with the life
  std::unique_ptr<MemoryControllerStore> store;
  std::unique_ptr<ControllerCore> core;
};

}  // namespace kilonova::controller
