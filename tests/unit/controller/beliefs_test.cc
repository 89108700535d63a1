// What the controller tells an audit, and how it asks the other daemons for what they believe.
#include <gtest/gtest.h>

#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/nouns/quota.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class BeliefsTest : public ControllerTest {
 protected:
  BeliefPage read(BeliefKind kind, uint32_t limit = kBeliefsPerPage, std::string after = "") {
    auto page = call(ReadBeliefs{.kind = kind, .after = std::move(after), .limit = limit});
    EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().message);
    return page ? get<BeliefPage>(*page) : BeliefPage{};
  }
};

TEST_F(BeliefsTest, TellsRowsAllocationsHostsAndQuotas) {
  connect_all();
  Instance server = create();
  create("building");
  make_active(server);
  BeliefPage servers = read(BeliefKind::kServers);
  ASSERT_EQ(servers.servers.size(), 2u);
  const ServerBelief& active = servers.servers[0];
  EXPECT_EQ(active.uuid, server.uuid);
  EXPECT_EQ(active.vm_state, VmState::kActive);
  EXPECT_EQ(active.host, "h1");
  EXPECT_EQ(active.nics, 1u);
  EXPECT_EQ(active.resources, resources_of(server.spec.flavor));
  EXPECT_EQ(servers.servers[1].task_state, TaskState::kScheduling);
  BeliefPage allocations = read(BeliefKind::kAllocations);
  ASSERT_EQ(allocations.allocations.size(), 1u);
  EXPECT_EQ(allocations.allocations[0], (Allocation{server.uuid, 1, "h1", resources_of(server.spec.flavor)}));
  BeliefPage hosts = read(BeliefKind::kHosts);
  ASSERT_EQ(hosts.hosts.size(), 3u);
  EXPECT_EQ(hosts.hosts[0], (HostBelief{"h1", kCompute, true, true}));
  BeliefPage quotas = read(BeliefKind::kQuotas);
  ASSERT_EQ(quotas.quotas.size(), 1u);
  EXPECT_EQ(quotas.quotas[0].counted, (QuotaUsage{2, 2, 1024}));
  EXPECT_EQ(quotas.quotas[0].rows, quotas.quotas[0].counted);
}

TEST_F(BeliefsTest, PagesGoOnWhereTheyEnded) {
  connect_all();
  for (int i = 0; i < 5; ++i) make_active(create("s" + std::to_string(i)));
  for (BeliefKind kind : {BeliefKind::kServers, BeliefKind::kAllocations, BeliefKind::kHosts}) {
    SCOPED_TRACE(to_string(kind));
    BeliefPage whole = read(kind), parts;
    std::string after;
    int pages = 0;
    do {
      BeliefPage part = read(kind, 2, after);
      parts.servers.insert(parts.servers.end(), part.servers.begin(), part.servers.end());
      parts.allocations.insert(parts.allocations.end(), part.allocations.begin(), part.allocations.end());
      parts.hosts.insert(parts.hosts.end(), part.hosts.begin(), part.hosts.end());
      after = part.next;
    } while (!after.empty() && ++pages < 10);
    EXPECT_GE(pages, 1);
    EXPECT_EQ(parts, whole);
  }
  EXPECT_EQ(call(ReadBeliefs{.kind = BeliefKind::kServers, .after = "nonsense"}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(call(ReadBeliefs{.kind = BeliefKind::kViews}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(BeliefsTest, AsksOtherDaemonsAndHandsTheirAnswerOn) {
  connect_all();
  ReadBeliefs request{.daemon = kCompute, .kind = BeliefKind::kUsages};
  transport->deliver(*core, kApi, ApiCall{admin(), {}, request}, 900);
  settle();
  uint64_t forwarded = 0;
  for (const auto& sent : transport->sent())
    if (const auto* asked = get_if<ApiCall>(&sent.message.body)) {
      EXPECT_EQ(sent.to, kCompute);
      EXPECT_EQ(asked->request, ApiRequest(request));
      forwarded = sent.message.call;
    }
  ASSERT_NE(forwarded, 0u);
  BeliefPage page;
  page.usages = {{"h1", 1, 2, {}, 0}};
  transport->deliver(*core, kCompute, ApiReply{ApiResponse(page)}, forwarded);
  settle();
  std::vector<ApiReply> replies = transport->all_to<ApiReply>(kApi);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(get<BeliefPage>(*replies[0].result), page);
}

TEST_F(BeliefsTest, ADaemonThatIsNotThereIsNamedAndOneThatIsSilentNotWaitedForForEver) {
  connect_all();
  auto missing = call(ReadBeliefs{.daemon = {Role::kCompute, 4}, .kind = BeliefKind::kGuests});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(missing.error().message, "compute-4 is not connected");
  transport->deliver(*core, kApi, ApiCall{admin(), {}, ReadBeliefs{.daemon = kCompute, .kind = BeliefKind::kGuests}},
                     901);
  pass(seconds(11));
  std::vector<ApiReply> replies = transport->all_to<ApiReply>(kApi);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[1].result.error().code, ErrorCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace kilonova::controller
