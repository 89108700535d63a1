// Nova's filters and sort keys of GET /servers.
#include "api-server/front/openstack/compute/server_query.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/nouns/server.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {
namespace {

class ServerQueryTest : public FrontWorld {
 protected:
  static Instance server(const char* name, uint8_t number) {
    Instance row;
    row.uuid.bytes[15] = number;
    row.name = name;
    row.vm_state = VmState::kActive;
    row.task_state = TaskState::kNone;
    row.created_at = {1'795'442'709'000'000 + number * 1'000'000};
    row.spec.flavor.id = number % 2 == 0 ? "2" : "1";
    row.spec.key_name = "k" + std::to_string(number);
    return row;
  }
  // Newest first, as the core has them.
  static ServerList servers() { return {{server("web-3", 3), server("db-2", 2), server("web-1", 1)}, false}; }

  std::string names(UserRole role, std::string query, const char* version = "2.1") {
    Reply& reply = ask(role, "GET", "/compute/v2.1/servers?" + query, "", {{"X-OpenStack-Nova-API-Version", version}});
    if (!reply) answer(ApiResponse(servers()));
    if (!reply || reply->status != 200) return reply ? std::to_string(reply->status) : "nothing";
    std::string found;
    Json body = json_of(reply);
    for (const Json& one : *member(body, "servers")) found += (found.empty() ? "" : " ") + text_at(one, "name");
    return found;
  }
  std::string member_sees(std::string query, const char* version = "2.1") {
    return names(UserRole::kMember, std::move(query), version);
  }
};

TEST_F(ServerQueryTest, NamesAreUnanchoredPatterns) {
  EXPECT_EQ(member_sees("name=web"), "web-3 web-1");
  EXPECT_EQ(asked<ListServers>().name, "web") << "a plain text is the core's to look for";
  EXPECT_EQ(member_sees("name=%5Eweb-%5B12%5D%24"), "web-1");
  EXPECT_EQ(asked<ListServers>().name, "");
  for (const char* bad : {"name=", "name=%5B", "name=%28%3F%3Da%29", "name=%2A"})
    EXPECT_EQ(member_sees(bad), "400") << bad;
  EXPECT_EQ(member_sees("name=" + std::string(1'000, 'a')), "400");
}

// What would take other matchers longer than the universe has.
TEST_F(ServerQueryTest, PatternsTakeTimeLinearInTheText) {
  EXPECT_EQ(member_sees("name=%28a%2B%2B%3F%29%2B%24"), "400");
  EXPECT_EQ(member_sees("name=%28%28a%2A%29%2A%29%2A%28b%2A%29%2Axyz"), "");
}

TEST_F(ServerQueryTest, StatusesAreTheCores) {
  EXPECT_EQ(member_sees("status=active"), "web-3 db-2 web-1");
  EXPECT_EQ(asked<ListServers>().status, "ACTIVE");
  EXPECT_EQ(member_sees("status=nonsense"), "") << "until 2.37 nothing is found";
  EXPECT_EQ(member_sees("status=nonsense", "2.38"), "400");
  EXPECT_EQ(member_sees("status=SHUTOFF&status=ERROR"), "");
  EXPECT_EQ(member_sees("status=SHUTOFF&status=ACTIVE"), "web-3 db-2 web-1");
  EXPECT_EQ(member_sees("status=deleted"), "403");
}

TEST_F(ServerQueryTest, FiltersThatAreNotAUsersDoNotCount) {
  EXPECT_EQ(member_sees("flavor=2"), "db-2");
  EXPECT_EQ(member_sees("key_name=k1"), "web-3 db-2 web-1");
  EXPECT_EQ(member_sees("key_name=k1", "2.83"), "web-1");
  EXPECT_EQ(names(UserRole::kAdmin, "key_name=k1"), "web-1");
  EXPECT_EQ(member_sees("host=h1"), "web-3 db-2 web-1");
  EXPECT_EQ(asked<ListServers>().host, "");
  names(UserRole::kAdmin, "host=h1");
  EXPECT_EQ(asked<ListServers>().host, "h1");
}

TEST_F(ServerQueryTest, TimesAreCompared) {
  EXPECT_EQ(member_sees("changes-since=2026-11-23T14:05:11Z"), "web-3 db-2");
  EXPECT_EQ(member_sees("changes-since=2026-11-23T14:05:11.000000"), "web-3 db-2");
  EXPECT_EQ(member_sees("changes-since=2026-11-24"), "");
  EXPECT_EQ(member_sees("changes-before=2026-11-23T14:05:11Z"), "web-3 db-2 web-1") << "not until 2.66";
  EXPECT_EQ(member_sees("changes-before=2026-11-23T14:05:11Z", "2.66"), "db-2 web-1");
  for (const char* bad : {"yesterday", "", "2026-13-01T00:00:00", "2026-11-23T14:05:11+nonsense", "99999-01-01"})
    EXPECT_EQ(member_sees(std::string("changes-since=") + bad), "400") << bad;
}

TEST_F(ServerQueryTest, ThoseThatAreGoneAreAskedFor) {
  auto which = [&](UserRole role, std::string query, const char* version = "2.1") {
    names(role, std::move(query), version);
    return asked<ListServers>().which;
  };
  EXPECT_EQ(which(UserRole::kMember, "name=web"), WhichServers::kThere);
  EXPECT_EQ(which(UserRole::kMember, "deleted=true"), WhichServers::kThere) << "not a user's to ask";
  EXPECT_EQ(which(UserRole::kAdmin, "deleted=true"), WhichServers::kDeleted);
  EXPECT_EQ(which(UserRole::kAdmin, "deleted=0&changes-since=2026-11-24"), WhichServers::kThere);
  EXPECT_EQ(which(UserRole::kAdmin, "status=deleted"), WhichServers::kDeleted);
  EXPECT_EQ(which(UserRole::kMember, "changes-since=2026-11-24"), WhichServers::kAll);
  EXPECT_EQ(which(UserRole::kMember, "changes-before=2026-11-24"), WhichServers::kThere) << "not until 2.66";
  EXPECT_EQ(which(UserRole::kMember, "changes-before=2026-11-24", "2.66"), WhichServers::kAll);
  EXPECT_EQ(which(UserRole::kAdmin, "deleted=perhaps"), WhichServers::kThere);
}

TEST_F(ServerQueryTest, RowsAreSortedAndPaged) {
  EXPECT_EQ(member_sees("sort_key=display_name&sort_dir=asc"), "db-2 web-1 web-3");
  EXPECT_EQ(member_sees("sort_key=display_name"), "web-3 web-1 db-2");
  EXPECT_EQ(member_sees("sort_key=created_at&sort_dir=asc&limit=2"), "web-1 db-2");
  EXPECT_EQ(member_sees("sort_key=created_at&sort_dir=asc&marker=00000000-0000-0000-0000-000000000002"), "web-3");
  EXPECT_EQ(member_sees("sort_key=nonsense"), "400");
  EXPECT_EQ(member_sees("sort_key=host"), "403");
  EXPECT_EQ(member_sees("sort_key=display_name&sort_dir=up"), "400");
}

TEST_F(ServerQueryTest, APageHasALinkToTheNext) {
  Reply& reply = ask(UserRole::kMember, "GET", "/compute/v2.1/servers?name=e&limit=1");
  EXPECT_EQ(asked<ListServers>().limit, 1000u) << "what is filtered here is read in whole pages";
  answer(ApiResponse(servers()));
  Json body = json_of(reply);
  EXPECT_EQ(member(body, "servers")->size(), 1u);
  EXPECT_EQ(text_at(*member(body, "servers_links")->begin(), "href"),
            "http://here:8774/compute/v2.1/servers?limit=1&marker=00000000-0000-0000-0000-000000000003&name=e");
}

TEST_F(ServerQueryTest, PagesOfTheCoreAreReadOnUntilOneIsFull) {
  Reply& reply = ask(UserRole::kMember, "GET", "/compute/v2.1/servers?flavor=1&limit=2");
  answer(ApiResponse(ServerList{{server("a", 9), server("b", 8)}, true}));
  EXPECT_EQ(asked<ListServers>().marker, "00000000-0000-0000-0000-000000000008");
  EXPECT_FALSE(reply);
  answer(ApiResponse(ServerList{{server("c", 7), server("d", 6)}, true}));
  EXPECT_EQ(member(json_of(reply), "servers")->size(), 2u);
}

TEST_F(ServerQueryTest, LimitsAreNumbers) {
  for (const char* bad : {"limit=-1", "limit=x", "limit="}) EXPECT_EQ(member_sees(bad), "400") << bad;
  EXPECT_EQ(member_sees("limit=0"), "");
  EXPECT_EQ(member_sees("limit=99999999999999999999"), "web-3 db-2 web-1");
  EXPECT_EQ(asked<ListServers>().limit, 1000u);
}

}  // namespace
}  // namespace kilonova::api::openstack
