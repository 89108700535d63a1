// One launch through all five cores, and what its delete leaves: nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "domain/api.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "sim/checkers/settled.h"
#include "sim/cloud.h"

namespace kilonova::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Client {
  std::string token;
  Expected<ApiResponse> result = fail(ErrorCode::kInternal, "not answered");
};

Task<> log_in(SimCloud* cloud, Client* client) {
  auto login = co_await cloud->api().core()->login({}, {.user = "admin", .password = "kilonova", .project = ""});
  if (login) client->token = login->token;
}

Task<> call(SimCloud* cloud, Client* client, ApiRequest request) {
  Loop& loop = cloud->api().loop();
  api::RequestMeta meta{
      .token = client->token, .trace = {}, .received = loop.wall_now(), .received_at = loop.now(), .time_limit = {}};
  api::ClientRequest wanted;
  wanted.request = std::move(request);
  api::ClientReply reply = co_await cloud->api().core()->handle(std::move(meta), std::move(wanted));
  client->result = std::move(reply.result);
}

class Launch : public ::testing::Test {
 protected:
  Launch() : cloud_(CloudOptions{.hosts = 4, .compute_processes = 2}) {
    cloud_.history().keep_steps = true;
    cloud_.start();
    cloud_.run_for(seconds(1));
    cloud_.api().clients().spawn(log_in(&cloud_, &client_));
    cloud_.run_for(seconds(1));
  }
  Expected<ApiResponse> ask(ApiRequest request) {
    cloud_.api().clients().spawn(call(&cloud_, &client_, std::move(request)));
    cloud_.run_for(seconds(1));
    return client_.result;
  }

  SimCloud cloud_;
  Client client_;
};

TEST_F(Launch, TakesThirteenStepsAndADeleteLeavesNothing) {
  ASSERT_FALSE(client_.token.empty());
  CreateServers create;
  create.name = "one";
  create.flavor = "m1.tiny";
  create.image = "cirros";
  auto created = ask(create);
  ASSERT_TRUE(created.has_value()) << created.error().message;
  const Instance server = get<CreateServersReply>(*created).servers.at(0);

  std::vector<int> steps;
  for (const LoggedStep& logged : cloud_.history().steps) {
    EXPECT_EQ(logged.instance, server.uuid);
    steps.push_back(static_cast<int>(logged.record.step));
  }
  std::ranges::sort(steps);  // step 1 is logged when the server's id is known
  EXPECT_THAT(steps, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));

  const RowState* row = cloud_.ledger().row(server.uuid);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->vm_state, VmState::kActive);
  EXPECT_EQ(row->task_state, TaskState::kNone);
  EXPECT_EQ(row->addresses.size(), 1u);
  Violations violations;
  check_settled(cloud_, violations);
  EXPECT_THAT(violations.found(), IsEmpty());

  ASSERT_TRUE(ask(DeleteServer{to_string(server.uuid)}).has_value());
  EXPECT_TRUE(cloud_.ledger().rows().empty());
  EXPECT_TRUE(cloud_.ledger().guests().empty());
  EXPECT_TRUE(cloud_.ledger().leases().empty());
  EXPECT_TRUE(cloud_.ledger().allocations().empty());
  check_settled(cloud_, violations);
  EXPECT_THAT(violations.found(), IsEmpty());
}

TEST_F(Launch, OfABatchGivesEachServerItsOwnAddress) {
  ASSERT_TRUE(ask(SetQuota{"admin", Quota{.instances = -1, .cores = -1, .ram_mb = -1}}).has_value());
  CreateServers create;
  create.name = "many";
  create.flavor = "m1.tiny";
  create.image = "cirros";
  create.min_count = create.max_count = 50;
  ASSERT_TRUE(ask(create).has_value());
  EXPECT_EQ(cloud_.ledger().rows().size(), 50u);
  EXPECT_EQ(cloud_.ledger().leases().size(), 50u);
  EXPECT_EQ(cloud_.ledger().unstable(), 0u);
  Violations violations;
  check_settled(cloud_, violations);
  EXPECT_THAT(violations.found(), IsEmpty());
}

void post_again(SimCloud* cloud) {
  cloud->loop().post([cloud] { post_again(cloud); });
}

TEST_F(Launch, ATimeThatStandsStillIsNoticed) {
  Instant now = cloud_.loop().now();
  EXPECT_TRUE(cloud_.run_for(seconds(1)));
  EXPECT_EQ(cloud_.loop().now(), now + seconds(1));
  post_again(&cloud_);
  EXPECT_FALSE(cloud_.run_for(seconds(1)));
}

}  // namespace
}  // namespace kilonova::sim
