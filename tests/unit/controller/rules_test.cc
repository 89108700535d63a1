// The controller's pure rules, against tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/glob.h"
#include "controller/core/bootstrap.h"
#include "controller/core/create_plan.h"
#include "controller/core/drive_table.h"
#include "controller/core/instance_table.h"
#include "controller/core/transitions.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/resources.h"
#include "domain/server_actions.h"

namespace kilonova::controller {
namespace {

Flavor flavor(int64_t vcpus, int64_t memory_mb) { return {"f", "f", vcpus, memory_mb, 1, 0, 0, true}; }

TEST(Quota, AllowsUpToTheLimitAndCutsToIt) {
  Quota quota{{}, 10, 20, 51'200};
  struct Case {
    Flavor flavor;
    uint32_t min, max;
    QuotaUsage usage;
    int64_t allowed;  // -1 = refused
  };
  const Case cases[] = {
      {flavor(1, 512), 1, 1, {0, 0, 0}, 1},    {flavor(1, 512), 1, 20, {0, 0, 0}, 10},
      {flavor(8, 512), 1, 10, {0, 0, 0}, 2},   {flavor(1, 20'000), 1, 10, {0, 0, 0}, 2},
      {flavor(1, 512), 3, 10, {8, 8, 0}, -1},  {flavor(1, 512), 2, 10, {8, 8, 0}, 2},
      {flavor(1, 512), 1, 1, {10, 10, 0}, -1}, {flavor(1, 512), 1, 1, {12, 12, 0}, -1},
  };
  for (const Case& c : cases) {
    auto allowed = allowed_count(c.flavor, c.min, c.max, quota, c.usage);
    EXPECT_EQ(allowed ? int64_t{*allowed} : -1, c.allowed);
  }
  EXPECT_EQ(*allowed_count(flavor(8, 512), 1'000, 1'000, Quota{{}, -1, -1, -1}, {1'000'000, 0, 0}), 1'000u);
}

TEST(Quota, SaysItInNovasWords) {
  auto refused = allowed_count(flavor(4, 512), 2, 2, Quota{{}, 10, 20, 51'200}, {10, 19, 0});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(refused.error().message,
            "Quota exceeded for cores, instances: Requested 8, 2, but already used 19, 10 of 20, 10 cores, instances");
}

TEST(Names, OfSeveralServersAndHosts) {
  EXPECT_EQ(server_name("web", 0, 1), "web");
  EXPECT_EQ(server_name("web", 0, 3), "web-1");
  EXPECT_EQ(server_name("web", 2, 3), "web-3");
  Uuid uuid{{1}};
  EXPECT_EQ(server_hostname("My Web_1", 0, 1, uuid), "my-web-1");
  EXPECT_EQ(server_hostname("--a--", 0, 1, uuid), "a");
  EXPECT_EQ(server_hostname("äöü", 0, 1, uuid), "server-" + to_string(uuid));
  EXPECT_EQ(server_hostname(std::string(300, 'x'), 0, 1, uuid).size(), 63u);
}

// What is made of a name that is as long as a name may be is a good name too, and another for each server.
TEST(Names, OfSeveralServersLeaveRoomForTheirNumbers) {
  EXPECT_EQ(server_name(std::string(255, 'x'), 0, 1), std::string(255, 'x'));
  EXPECT_EQ(server_name(std::string(255, 'x'), 0, 2), std::string(253, 'x') + "-1");
  EXPECT_EQ(server_name(std::string(255, 'x'), 99, 100), std::string(251, 'x') + "-100");
  std::string umlauts;
  for (int i = 0; i < 255; ++i) umlauts += "ä";
  EXPECT_EQ(server_name(umlauts, 1, 2), umlauts.substr(0, 2 * 253) + "-2");
  Uuid uuid{{1}};
  EXPECT_EQ(server_hostname(std::string(64, 'x'), 0, 2, uuid), std::string(61, 'x') + "-1");
  EXPECT_EQ(server_hostname(std::string(64, 'x'), 1, 2, uuid), std::string(61, 'x') + "-2");
  EXPECT_EQ(server_hostname(std::string(60, 'x') + "-y", 0, 2, uuid), std::string(60, 'x') + "-1");
  EXPECT_EQ(server_hostname("äöü", 0, 2, uuid), "server-" + to_string(uuid));
}

TEST(Reports, AreJudgedByTheTable) {
  Instance building;
  building.uuid = Uuid{{1}};
  building.current.epoch = 3;
  building.current.step = LaunchStep::kClaimed;
  Instance bound = building;
  bound.current.host = "h1";
  Instance active = bound;
  active.vm_state = VmState::kActive;
  active.task_state = TaskState::kNone;
  Instance moving = active;
  moving.move = Move{};
  moving.other = Placement{.epoch = 4, .step = LaunchStep::kClaimed, .host = "h2", .addresses = {}};
  Instance deleting = bound;
  deleting.task_state = TaskState::kDeleting;
  auto report = [](uint64_t epoch, std::string host, BuildResult result, LaunchStep step) {
    InstanceReport r;
    r.host = std::move(host);
    r.placement = {Uuid{{1}}, epoch};
    r.result = result;
    r.step = step;
    return r;
  };
  struct Case {
    const Instance* row;
    InstanceReport report;
    Verdict verdict;
  };
  const Case cases[] = {
      {nullptr, report(3, "h1", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kStale},
      {&deleting, report(3, "h1", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kStale},
      {&building, report(2, "h1", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kStale},
      {&building, report(4, "h1", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kStale},
      {&building, report(3, "h1", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kApply},
      {&bound, report(3, "h2", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kStale},
      {&bound, report(3, "h1", BuildResult::kProgress, LaunchStep::kClaimed), Verdict::kRepeat},
      {&bound, report(3, "h1", BuildResult::kProgress, LaunchStep::kImageReady), Verdict::kApply},
      {&active, report(3, "h1", BuildResult::kProgress, LaunchStep::kImageReady), Verdict::kRepeat},
      {&active, report(3, "h1", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kRepeat},
      {&active, report(3, "h1", BuildResult::kRescheduled, LaunchStep::kGuestStarted), Verdict::kStale},
      {&bound, report(3, "h1", BuildResult::kFailed, LaunchStep::kGuestStarted), Verdict::kApply},
      {&moving, report(4, "h2", BuildResult::kProgress, LaunchStep::kImageReady), Verdict::kApply},
      {&moving, report(4, "h2", BuildResult::kProgress, LaunchStep::kClaimed), Verdict::kRepeat},
      {&moving, report(4, "h2", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kApply},
      {&moving, report(4, "h1", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kStale},
      {&moving, report(5, "h2", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kStale},
      {&moving, report(3, "h1", BuildResult::kActive, LaunchStep::kGuestStarted), Verdict::kRepeat},
      {&moving, report(3, "h1", BuildResult::kRescheduled, LaunchStep::kGuestStarted), Verdict::kStale},
  };
  for (size_t i = 0; i < std::size(cases); ++i)
    EXPECT_EQ(judge_report(cases[i].row, cases[i].report), cases[i].verdict) << "case " << i;
}

// The table itself is held to Nova's in tests/unit/domain.
TEST(ServerActions, ARefusalHasNovasWords) {
  const ServerActionInfo& stop = *find_action("stop");
  const ServerActionInfo& hard = *find_action("reboot-hard");
  Instance row;
  row.vm_state = VmState::kActive;
  row.task_state = TaskState::kNone;
  row.current.host = "h1";
  row.launched_at = WallTime{1};
  EXPECT_TRUE(check_server_action(row, stop).has_value());
  row.task_state = TaskState::kRebooting;
  EXPECT_EQ(check_server_action(row, stop).error(),
            (Error{ErrorCode::kConflict,
                   "Cannot 'stop' instance " + to_string(row.uuid) + " while it is in task_state rebooting"}));
  EXPECT_TRUE(check_server_action(row, hard).has_value());
  row.task_state = TaskState::kDeleting;
  EXPECT_FALSE(check_server_action(row, hard).has_value());
  row.task_state = TaskState::kNone;
  row.vm_state = VmState::kBuilding;
  EXPECT_EQ(check_server_action(row, hard).error().message,
            "Cannot 'reboot' instance " + to_string(row.uuid) + " while it is in vm_state building");
  row.vm_state = VmState::kError;
  row.current.host.clear();
  EXPECT_THAT(check_server_action(row, stop).error().message, testing::HasSubstr("is not ready"));
}

// One that a host reports in another power state than asked is what the host says.
TEST(ServerActions, AHostIsBelieved) {
  Instance row;
  row.vm_state = VmState::kActive;
  row.task_state = TaskState::kPoweringOff;
  apply_action_result(row, {.power_state = PowerState::kRunning}, WallTime{5});
  EXPECT_EQ(row.vm_state, VmState::kActive);
  EXPECT_EQ(row.task_state, TaskState::kNone);
  row.task_state = TaskState::kRebooting;
  apply_action_result(row, {.power_state = PowerState::kShutdown}, WallTime{6});
  EXPECT_EQ(row.vm_state, VmState::kStopped);
}

TEST(Glob, MatchesAsAShellDoes) {
  struct Case {
    const char *pattern, *text;
    bool matches;
  };
  for (const Case& c :
       {Case{"", "any", true}, Case{"*", "", true}, Case{"web*", "web1", true}, Case{"web*", "aweb", false},
        Case{"*1", "web1", true}, Case{"w?b", "web", true}, Case{"w?b", "wb", false}, Case{"a*b*c", "axxbyyc", true},
        Case{"a*b*c", "axxbyy", false}, Case{"*", "*a", true}})
    EXPECT_EQ(glob_matches(c.pattern, c.text), c.matches) << c.pattern << " " << c.text;
}

TEST(InstanceTable, PagesNewestFirstWithinTheScope) {
  InstanceTable table;
  Uuid mine{{1}}, yours{{2}};
  for (int64_t id = 1; id <= 6; ++id) {
    Instance row;
    row.id = id;
    row.uuid = Uuid{{static_cast<uint8_t>(100 + id)}};
    row.name = "s";
    row.spec.project_id = id % 2 == 0 ? mine : yours;
    row.spec.flavor = flavor(2, 100);
    table.insert(row);
  }
  InstanceFilter filter;
  filter.limit = 2;
  InstancePage page = table.page({false, mine}, filter);
  ASSERT_EQ(page.rows.size(), 2u);
  EXPECT_EQ(page.rows[0]->id, 6);
  EXPECT_EQ(page.rows[1]->id, 4);
  EXPECT_TRUE(page.more);
  filter.before_id = 4;
  page = table.page({false, mine}, filter);
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_FALSE(page.more);
  EXPECT_EQ(table.page({true, {}}, InstanceFilter{}).rows.size(), 6u);
  EXPECT_EQ(table.usage(mine), (QuotaUsage{3, 6, 300}));
  EXPECT_EQ(table.find_by_name(mine, "s").size(), 3u);
  table.erase(Uuid{{102}});
  EXPECT_EQ(table.usage(mine), (QuotaUsage{2, 4, 200}));
  EXPECT_EQ(table.unstable(), 5u);
}

// Nova has twelve states: each is counted by itself, and nothing beside the table is written.
TEST(InstanceTable, CountsAnyState) {
  struct {
    InstanceTable table;
    size_t behind[16] = {};
  } memory;
  for (int state = 1; state <= 12; ++state) {
    Instance row;
    row.id = state;
    row.uuid = Uuid{{static_cast<uint8_t>(state)}};
    row.vm_state = static_cast<VmState>(state);
    memory.table.insert(row);
  }
  for (int state = 1; state <= 12; ++state) EXPECT_EQ(memory.table.count(static_cast<VmState>(state)), 1u) << state;
  for (size_t word : memory.behind) EXPECT_EQ(word, 0u);
}

TEST(InstanceTable, KnowsTheRowsOfAHost) {
  InstanceTable table;
  Instance row;
  row.id = 1;
  row.uuid = Uuid{{1}};
  table.insert(row);
  EXPECT_TRUE(table.on_host("").empty());
  row.current.host = "h1";
  table.update(row);
  ASSERT_EQ(table.on_host("h1").size(), 1u);
  EXPECT_EQ(table.on_host("h1")[0]->uuid, row.uuid);
  row.current.host = "h2";
  table.update(row);
  EXPECT_TRUE(table.on_host("h1").empty());
  EXPECT_EQ(table.on_host("h2").size(), 1u);
  table.erase(row.uuid);
  EXPECT_TRUE(table.on_host("h2").empty());
}

TEST(InstanceTable, RemembersWhereAnErasedRowStood) {
  InstanceTable table;
  Instance row;
  row.id = 7;
  row.uuid = Uuid{{7}};
  row.spec.project_id = Uuid{{1}};
  table.insert(row);
  table.erase(row.uuid);
  EXPECT_EQ(table.position_of(row.uuid, {false, Uuid{{1}}}), 7);
  EXPECT_EQ(table.position_of(row.uuid, {true, {}}), 7);
  EXPECT_EQ(table.position_of(row.uuid, {false, Uuid{{2}}}), std::nullopt) << "of another project";
  EXPECT_EQ(table.position_of(Uuid{{8}}, {true, {}}), std::nullopt);
}

TEST(DriveTable, FindsTheTriesOfHosts) {
  DriveTable table;
  const Uuid a{{1}}, b{{2}}, c{{3}};
  for (const Uuid& uuid : {a, b, c}) table.put(uuid, Drive{.epoch = 1});
  EXPECT_TRUE(table.listed_on({"h1", "h2"}).empty());
  table.list(b, "h1");
  table.list(a, "h2");
  EXPECT_EQ(table.listed_on({"h1", "h2", "h3"}), (std::vector<Uuid>{a, b}));
  EXPECT_EQ(table.listed_on({"h1"}), std::vector<Uuid>{b});
  table.list(b, "h2");
  EXPECT_TRUE(table.listed_on({"h1"}).empty());
  table.put(b, Drive{.epoch = 2});
  EXPECT_EQ(table.listed_on({"h2"}), std::vector<Uuid>{a}) << "its next try is nowhere yet";
  table.erase(a);
  EXPECT_TRUE(table.by_host().empty());
  Drive known{.epoch = 3};
  known.listed = true;
  known.host = "h3";
  table.put(c, known);
  EXPECT_EQ(table.listed_on({"h3"}), std::vector<Uuid>{c});
}

TEST(Tokens, AreSignedWithAWholeKeyOrNoControllerStarts) {
  ControllerState state;
  EXPECT_EQ(token_signing_key(state).error().code, ErrorCode::kDataLoss);
  state.of<Setting>() = {{"token_signing_key", ""}};
  EXPECT_NE(token_signing_key(state).error().message.find("it has 0 bytes, not 32"), std::string::npos);
  state.of<Setting>() = {{"token_signing_key", std::string(31, 'k')}};
  EXPECT_FALSE(token_signing_key(state).has_value());
  state.of<Setting>() = {{"token_signing_key", std::string(32, 'k')}};
  EXPECT_EQ(token_signing_key(state).value(), std::string(32, 'k'));
  state.of<Setting>() = {{"token_signing_key", std::string(96, 'k')}};
  EXPECT_EQ(token_signing_key(state).value(), std::string(96, 'k'));
  for (size_t bytes : {33, 95, 128}) {
    state.of<Setting>() = {{"token_signing_key", std::string(bytes, 'k')}};
    EXPECT_FALSE(token_signing_key(state).has_value()) << bytes;
  }
}

TEST(Networks, ExternalOnesAreTheAdministrators) {
  struct Case {
    bool shared, external, own, user, admin;
  };
  for (const Case& c : {Case{false, false, false, false, false}, Case{true, false, false, true, true},
                        Case{false, false, true, true, true}, Case{true, true, false, false, true},
                        Case{false, true, true, false, true}}) {
    Network network;
    network.shared = c.shared;
    network.external = c.external;
    network.project_id = c.own ? Uuid{{1}} : Uuid{{2}};
    EXPECT_EQ(may_attach(network, Uuid{{1}}, false), c.user);
    EXPECT_EQ(may_attach(network, Uuid{{1}}, true), c.admin);
  }
}

}  // namespace
}  // namespace kilonova::controller
