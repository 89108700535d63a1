// A server and the hosts that it goes between, which the test plays.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>
#include <utility>

#include "domain/nouns/image.h"
#include "domain/nouns/server_move.h"
#include "domain/nouns/server_request.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {

class MovesTest : public ControllerTest {
 protected:
  // By the options as they are now.
  Instance active(const std::string& name = "web", const std::string& flavor = "m1.tiny") {
    restart();
    connect_all();
    CreateServers wanted = create_request(name);
    wanted.flavor = flavor;
    Instance server = get<CreateServersReply>(*call(std::move(wanted))).servers.at(0);
    InstanceReport built = report(server, BuildResult::kActive, "h1");
    built.addresses = {address()};
    deliver(std::move(built));
    transport->clear();
    return *row(server.uuid);
  }
  static Address address() {
    Address address;
    address.ip = {0x0a000005};
    address.prefix = 24;
    return address;
  }
  const Instance& now(const Instance& server) const { return *row(server.uuid); }

  // What the new host says of the try that is under way.
  InstanceReport about_target(const Instance& server, BuildResult result, const std::string& host = "h2") {
    InstanceReport said = report(server, result, host);
    said.placement.epoch = now(server).other->epoch;
    said.attempt = now(server).attempt;
    said.addresses = {address()};
    said.alternates = {"h3"};
    return said;
  }
  void target_built(const Instance& server, const std::string& host = "h2") {
    deliver(about_target(server, BuildResult::kActive, host));
  }
  ApplyServerAction told() {
    auto actions = transport->take<ApplyServerAction>();
    EXPECT_EQ(actions.size(), 1u);
    return actions.empty() ? ApplyServerAction{} : actions.back();
  }
  void done(const ApplyServerAction& action, PowerState power, std::string fault = "") {
    deliver(ServerActionDone{action.host, action.placement, action.operation, power, {ErrorCode::kInternal, fault}});
  }
  void forgotten() {
    auto asked = transport->take<TerminateInstance>();
    ASSERT_FALSE(asked.empty());
    deliver(InstanceTerminated{asked.back().host, asked.back().placement});
  }
  // Up to VERIFY_RESIZE on h2.
  void arrive(const Instance& server) {
    target_built(server);
    ApplyServerAction out = told();
    EXPECT_EQ(out.host, "h1");
    EXPECT_EQ(out.action, ServerActionKind::kMoveOut);
    done(out, PowerState::kShutdown);
    ApplyServerAction in = told();
    EXPECT_EQ(in.host, "h2");
    done(in, in.action == ServerActionKind::kMoveInOff ? PowerState::kShutdown : PowerState::kRunning);
  }
  Migration migration() const { return std::prev(core->records().of<Migration>().end())->second; }
  size_t allocations(const Instance& server) const {
    return static_cast<size_t>(std::ranges::count_if(
        core->allocations().rows(), [&](const auto& entry) { return entry.first.instance == server.uuid; }));
  }
  Error refusal(ApiRequest request, std::optional<RequestContext> context = std::nullopt) {
    auto reply = call(std::move(request), std::move(context));
    return reply ? Error{ErrorCode::kInternal, "it was not refused"} : reply.error();
  }
  // "compute_resize_instance h1 Success", in the order in which they began.
  std::vector<std::string> last_events(const Instance& server) {
    std::vector<std::string> events;
    for (const InstanceActionEvent& event : last_action(server).events)
      events.push_back(event.event + " " + event.host + " " +
                       (event.finished_at == WallTime{} ? "under way"
                        : event.failed                  ? "Error"
                                                        : "Success"));
    return events;
  }
  InstanceAction last_action(const Instance& server) {
    auto reply = call(ListInstanceActions{to_string(server.uuid), true});
    return get<InstanceActionList>(*reply).actions.front();
  }
};

}  // namespace kilonova::controller
