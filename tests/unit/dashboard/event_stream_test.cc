// The stream that a page follows: what it tells, to whom, and how it ends.
#include "api-server/front/dashboard/event_stream.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/dashboard/event_text.h"
#include "tests/unit/dashboard/dashboard_world.h"

namespace kilonova::api::dashboard {
namespace {

class EventStreamTest : public DashboardWorld {
 protected:
  std::shared_ptr<http::BodySource> open(UserRole role, std::string query = "") {
    http::Response response = get("/dashboard/v1/events" + query, {}, role);
    EXPECT_EQ(response.status, 200u) << response.body;
    EXPECT_EQ(header(response, "Content-Type"), "text/event-stream");
    EXPECT_EQ(header(response, "Transfer-Encoding"), "chunked");
    return response.stream;
  }
  WatchEvent event(uint64_t revision, std::string name) {
    WatchEvent event;
    event.revision = revision;
    event.time = {1'000'000};
    event.project_id = project_;
    event.instance = *parse_uuid("00000000000000000000000000000001");
    event.name = std::move(name);
    event.task_state = TaskState::kSpawning;
    event.host = "host-1";
    event.epoch = 1;
    event.attempt = 2;
    event.step = LaunchStep::kClaimed;
    return event;
  }
  void commit(std::vector<WatchEvent> events, std::vector<CloudEvent> cloud = {}) {
    const uint64_t after = head_;
    if (!events.empty()) head_ = events.back().revision;
    transport_.deliver(core_, kController,
                       WatchEvents{.after = after, .events = std::move(events), .cloud_events = std::move(cloud)});
    settle();
  }
  static openstack::Json data_of(const std::optional<std::string>& piece) {
    EXPECT_TRUE(piece);
    const std::string text = piece.value_or("");
    EXPECT_TRUE(text.ends_with("\n\n")) << text;
    const size_t at = text.find("data: ");
    return at == std::string::npos ? openstack::Json::object() : json_of(text.substr(at + 6));
  }
  uint64_t head_ = 0;
};

TEST_F(EventStreamTest, BeginsAndTellsWhatIsCommitted) {
  auto stream = open(UserRole::kAdmin, "?all_projects=true&cloud_events=true");
  EXPECT_EQ(read(*stream), "event: open\ndata: {\"revision\":\"0\"}\n\n");
  auto& piece = read(*stream);
  EXPECT_FALSE(piece) << "nothing has happened";
  commit({event(1, "we\"b\n1")}, {{.time = {7}, .host = "host-1", .up = true}, {.fault_rule = 3, .struck = 2}});
  auto json = data_of(piece);
  EXPECT_EQ(json["revision"], "1");
  EXPECT_EQ(openstack::to_text(json["servers"][0]),
            R"({"id":"00000000-0000-0000-0000-000000000001","project":"0000000000000000000000000000000b",)"
            R"("name":"we\"b\n1","status":"BUILD","task":"spawning","host":"host-1","epoch":1,"attempt":2,)"
            R"("step":"claimed","time":1000000,"deleted":false,"fault":""})");
  EXPECT_EQ(openstack::to_text(json["cloud"]),
            R"([{"host":"host-1","up":true,"time":7},{"rule":"3","struck":"2","time":0}])");
}

TEST_F(EventStreamTest, TellsAMemberOfItsProjectAloneAndNotWhichHost) {
  auto stream = open(UserRole::kMember);
  read(*stream);
  auto& piece = read(*stream);
  WatchEvent foreign = event(1, "theirs");
  foreign.project_id = *parse_uuid("0000000000000000000000000000000f");
  commit({foreign, event(2, "ours")}, {{.time = {7}, .host = "host-1", .up = true}});
  auto json = data_of(piece);
  ASSERT_EQ(json["servers"].size(), 1u);
  EXPECT_EQ(json["servers"][0]["name"], "ours");
  EXPECT_EQ(json["servers"][0]["host"], "");
  EXPECT_TRUE(json["cloud"].empty());
}

// The text of an event is kept for other viewers: never an administrator's for a member.
TEST_F(EventStreamTest, KeepsTextsByAudience) {
  EventTexts texts;
  EXPECT_NE(texts.of(event(5, "a"), 1, rpc::Audience::kAdmin).find("host-1"), std::string::npos);
  EXPECT_EQ(texts.of(event(5, "a"), 1, rpc::Audience::kUser).find("host-1"), std::string::npos);
  EXPECT_NE(texts.of(event(5, "b"), 2, rpc::Audience::kAdmin).find("\"b\""), std::string::npos);
  EXPECT_NE(texts.of(event(5 + EventTexts::kKept, "c"), 2, rpc::Audience::kAdmin).find("\"c\""), std::string::npos);
  EXPECT_NE(texts.of(event(5, "b"), 2, rpc::Audience::kAdmin).find("\"b\""), std::string::npos);
}

TEST_F(EventStreamTest, GivesASignOfLifeWhileNothingHappens) {
  auto stream = open(UserRole::kMember);
  read(*stream);
  auto& piece = read(*stream);
  pass(EventStream::kHeartbeat);
  EXPECT_EQ(piece, ":\n\n");
}

TEST_F(EventStreamTest, GathersWhatABusyCloudCommits) {
  auto stream = open(UserRole::kAdmin, "?all_projects=true");
  read(*stream);
  auto& first = read(*stream);
  commit({event(1, "a")});
  EXPECT_EQ(data_of(first)["servers"].size(), 1u) << "the first one comes at once";
  auto& second = read(*stream);
  commit({event(2, "b")});
  commit({event(3, "c")});
  EXPECT_FALSE(second);
  pass(EventStream::kGathered);
  EXPECT_EQ(data_of(second)["servers"].size(), 2u);
}

TEST_F(EventStreamTest, GivesNoMoreThanWasAskedFor) {
  auto stream = open(UserRole::kMember);
  std::string all;
  for (;;) {
    auto& piece = read(*stream, 7);
    if (!piece) break;
    EXPECT_LE(piece->size(), 7u);
    all += *piece;
  }
  EXPECT_EQ(all, "event: open\ndata: {\"revision\":\"0\"}\n\n");
}

TEST_F(EventStreamTest, EndsForWhoIsTooFarBehind) {
  auto stream = open(UserRole::kAdmin, "?all_projects=true");
  read(*stream);
  std::vector<WatchEvent> many;
  for (uint64_t revision = 1; revision <= WatchHub::kCapacity + 10; ++revision) many.push_back(event(revision, "a"));
  commit(std::move(many));
  auto& piece = read(*stream);
  ASSERT_TRUE(piece);
  EXPECT_TRUE(piece->starts_with("event: end\n")) << *piece;
  EXPECT_EQ(data_of(piece)["code"], "out of range");
  EXPECT_EQ(read(*stream), "") << "and no more";
}

TEST_F(EventStreamTest, EndsWithItsToken) {
  http::Headers headers{{"X-Auth-Token", token(UserRole::kMember, loop_.wall_now() + seconds(3))}};
  http::Response response = get("/dashboard/v1/events", headers);
  ASSERT_TRUE(response.stream);
  read(*response.stream);
  auto& idle = read(*response.stream);
  pass(seconds(3));
  EXPECT_EQ(idle, ":\n\n");
  EXPECT_EQ(data_of(read(*response.stream))["code"], "unauthenticated");
  EXPECT_EQ(read(*response.stream), "") << "and no more";
}

TEST_F(EventStreamTest, AUserHasSoManyAtOnce) {
  auto first = open(UserRole::kMember);
  auto second = open(UserRole::kMember);
  http::Response third = get("/dashboard/v1/events", {}, UserRole::kMember);
  EXPECT_EQ(third.status, 503u);
  EXPECT_EQ(third.stream, nullptr);
  second.reset();
  pages_.clear();  // they hold the streams, too
  open(UserRole::kMember);
}

}  // namespace
}  // namespace kilonova::api::dashboard
