// What it costs to find a project's few events among very many of others.
#include "controller_fixture.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/user_role.h"
#include "domain/watch_event.h"

namespace kilonova::controller {
namespace {

class CountingStore final : public ControllerStore {
 public:
  explicit CountingStore(ControllerStore& inner) : inner_(inner) {}

  Expected<ControllerState> load() override { return inner_.load(); }
  Task<Expected<>> commit(Transaction transaction) override { return inner_.commit(std::move(transaction)); }
  Task<Expected<LaunchRecordRows>> read_launch_record(Uuid instance) override {
    return inner_.read_launch_record(instance);
  }
  Task<Expected<std::vector<WatchEvent>>> read_events(uint64_t since, uint32_t limit) override {
    ++reads;
    return inner_.read_events(since, limit);
  }

  int reads = 0;

 private:
  ControllerStore& inner_;
};

class ReadEventsTest : public ControllerTest {
 protected:
  // A controller that finds these events in its store, and none in memory.
  void restart_with(const std::vector<WatchEvent>& events) {
    core.reset();
    store.reset();
    Transaction rows;
    for (const WatchEvent& event : events) rows.push_back(mutation::AppendEvent{event});
    ASSERT_TRUE(image.apply(rows).has_value());
    store = std::make_unique<MemoryControllerStore>(*node, image, disk);
    counting = std::make_unique<CountingStore>(*store);
    transport = std::make_unique<testing::FakeTransport>(PeerId{Role::kController, 0}, ++lives);
    ControllerState state = *counting->load();
    core = std::make_unique<ControllerCore>(ControllerPorts{*node, *transport, log, random, *counting}, options,
                                            std::move(state));
    core->start();
    connect_all();
    counting->reads = 0;
  }
  void TearDown() override { core.reset(); }  // before the store that counts

  std::unique_ptr<CountingStore> counting;
};

TEST_F(ReadEventsTest, AShortPageIsFoundWithFewReads) {
  RequestContext mine = admin();
  mine.role = UserRole::kMember;
  mine.project_id = core->records().find_project("demo")->id;
  std::vector<WatchEvent> events(2'500);
  for (size_t i = 0; i < events.size(); ++i) {
    events[i].revision = i + 1;
    events[i].project_id = admin().project_id;
  }
  events.back().project_id = mine.project_id;
  restart_with(events);
  auto page = call(ReadEvents{0, 1, false}, mine);
  ASSERT_TRUE(page.has_value()) << page.error().message;
  EXPECT_EQ(get<EventList>(*page).events, std::vector<WatchEvent>{events.back()});
  EXPECT_LE(counting->reads, 3);
}

TEST_F(ReadEventsTest, APageIsNeverLongerThanItsLimit) {
  std::vector<WatchEvent> events(5);
  for (size_t i = 0; i < events.size(); ++i) {
    events[i].revision = i + 1;
    events[i].project_id = admin().project_id;
  }
  restart_with(events);
  std::vector<WatchEvent> seen;
  for (size_t size : {2, 2, 1, 0}) {
    auto page = call(ReadEvents{seen.empty() ? 0 : seen.back().revision, 2, false});
    ASSERT_TRUE(page.has_value()) << page.error().message;
    const std::vector<WatchEvent>& found = get<EventList>(*page).events;
    ASSERT_EQ(found.size(), size);
    seen.insert(seen.end(), found.begin(), found.end());
  }
  EXPECT_EQ(seen, events);
}

}  // namespace
}  // namespace kilonova::controller
