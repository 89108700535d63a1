// What single users may use of a project's quota: nova/quota.py get_settable_quotas, check_deltas.
#include <gmock/gmock.h>

#include "domain/nouns/quota.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class UserQuotasTest : public ControllerTest {
 protected:
  UserQuotasTest() {
    connect_all();
    user = to_string(admin().user_id);
  }
  QuotaReply shown(const std::string& of) {
    auto reply = call(GetQuota{.project = "admin", .user = of});
    return reply ? get<QuotaReply>(*reply) : QuotaReply{};
  }
  // "" where it is done.
  std::string set(const std::string& of, int64_t Quota::* limit, int64_t value, bool force = false) {
    SetQuota request{.project = "admin", .quota = unchanged_quota(), .force = force, .user = of};
    request.quota.*limit = value;
    auto reply = call(std::move(request));
    return reply ? "" : reply.error().message;
  }

  std::string user;
  std::string other = to_string(Uuid{{5}});
};

TEST_F(UserQuotasTest, AUserHasTheProjectsLimitsUntilItHasItsOwn) {
  EXPECT_EQ(shown(user).quota.cores, 20);
  EXPECT_EQ(set(user, &Quota::cores, 5), "");
  EXPECT_EQ(shown(user).quota.cores, 5);
  EXPECT_EQ(shown(user).quota.instances, 10);
  EXPECT_EQ(shown("").quota.cores, 20);
  EXPECT_EQ(set("", &Quota::instances, 7), "");
  EXPECT_EQ(shown(user).quota.instances, 7);
  restart();
  EXPECT_EQ(shown(user).quota.cores, 5);
  ASSERT_TRUE(call(SetQuota{.project = "admin", .quota = unchanged_quota(), .reset = true, .user = user}).has_value());
  EXPECT_EQ(shown(user).quota.cores, 20);
  EXPECT_TRUE(store->load()->of<UserQuota>().empty());
}

TEST_F(UserQuotasTest, LimitsOfUsersAreWithinTheProjects) {
  create();
  EXPECT_EQ(set(user, &Quota::instances, 0),
            "Quota limit 0 for instances must be greater than or equal to already used and reserved 1.");
  EXPECT_EQ(set(user, &Quota::instances, 0, true), "");
  EXPECT_EQ(set(user, &Quota::instances, 4), "");
  EXPECT_EQ(set(other, &Quota::instances, 7), "Quota limit 7 for instances must be less than or equal to 6.");
  EXPECT_EQ(set(other, &Quota::instances, -1), "Quota limit -1 for instances must be less than or equal to 6.");
  EXPECT_EQ(set(other, &Quota::instances, 6), "");
  EXPECT_EQ(set(user, &Quota::instances, 4), "") << "its own does not count against it";
  EXPECT_EQ(set("", &Quota::instances, 9),
            "Quota limit 9 for instances must be greater than or equal to already used and reserved 10.");
  EXPECT_EQ(set("", &Quota::instances, -1), "");
  EXPECT_EQ(set(other, &Quota::instances, -1), "");
  EXPECT_EQ(set(other, &Quota::floating_ips, 3), "");
  EXPECT_EQ(shown(other).quota.floating_ips, -1) << "of whole projects alone";
}

TEST_F(UserQuotasTest, ACreateIsHeldToBoth) {
  EXPECT_EQ(set(user, &Quota::instances, 1), "");
  create();
  EXPECT_EQ(shown(user).usage.instances, 1);
  EXPECT_EQ(shown(other).usage.instances, 0);
  auto refused = call(create_request("two"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(refused.error().message, "Quota exceeded for instances: Requested 1, but already used 1 of 1 instances");
  RequestContext another = admin();
  another.user_id = core->records().find_user("demo")->id;
  EXPECT_TRUE(call(create_request("two"), another).has_value());
}

TEST_F(UserQuotasTest, TheyGoWithTheirUserAndProject) {
  ASSERT_TRUE(call(CreateProject{.name = "p"}).has_value());
  SetQuota request{.project = "p", .quota = unchanged_quota(), .user = user};
  request.quota.cores = 1;
  ASSERT_TRUE(call(request).has_value());
  EXPECT_EQ(core->records().of<UserQuota>().size(), 1u);
  ASSERT_TRUE(call(DeleteProject{"p"}).has_value());
  EXPECT_TRUE(core->records().of<UserQuota>().empty());
  EXPECT_TRUE(store->load()->of<UserQuota>().empty());
}

}  // namespace
}  // namespace kilonova::controller
