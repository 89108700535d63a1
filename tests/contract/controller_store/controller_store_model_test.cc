// Random transactions, good and bad, against a plain model that keeps every row in a map.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/user.h"
#include "domain/user_role.h"
#include "domain/watch_event.h"
#include "store/overloaded.h"
#include "tests/contract/controller_store/controller_store_world.h"
#include "tests/contract/controller_store/sample_rows.h"

namespace kilonova {
namespace {

using namespace mutation;

struct Model {
  std::map<int64_t, Instance> instances;
  std::map<PlacementId, Allocation> allocations;
  std::map<Uuid, LaunchRecordRows> records;
  std::map<Uuid, Project> projects;
  std::map<Uuid, User> users;
  std::map<std::pair<Uuid, Uuid>, RoleAssignment> roles;
  std::map<Uuid, Quota> quotas;
  std::vector<WatchEvent> events;
  int64_t last_id = 0;

  Instance* find(const Uuid& uuid) {
    for (auto& [id, row] : instances) {
      if (row.uuid == uuid) return &row;
    }
    return nullptr;
  }

  bool apply(const Mutation& mutation) {
    return visit(Overloaded{
                     [&](const InsertInstance& change) {
                       if (instances.contains(change.row.id) || find(change.row.uuid) != nullptr) return false;
                       instances[change.row.id] = change.row;
                       last_id = std::max(last_id, change.row.id);
                       return true;
                     },
                     [&](const UpdateInstance& change) {
                       Instance* row = find(change.row.uuid);
                       if (row == nullptr || row->id != change.row.id) return false;
                       const RequestSpec kept = row->spec;
                       *row = change.row;
                       row->spec = kept;
                       return true;
                     },
                     [&](const RespecifyInstance& change) {
                       Instance* row = find(change.uuid);
                       if (row == nullptr) return false;
                       row->spec = change.spec;
                       return true;
                     },
                     [&](const EraseInstance& change) {
                       std::erase_if(allocations,
                                     [&](const auto& entry) { return entry.first.instance == change.uuid; });
                       records.erase(change.uuid);
                       std::erase_if(instances, [&](const auto& entry) { return entry.second.uuid == change.uuid; });
                       return true;
                     },
                     [&](const AppendLaunchRecord& change) {
                       if (find(change.instance) == nullptr) return false;
                       LaunchRecordRows& rows = records[change.instance];
                       rows.steps.insert(rows.steps.end(), change.steps.begin(), change.steps.end());
                       rows.decisions.insert(rows.decisions.end(), change.decisions.begin(), change.decisions.end());
                       return true;
                     },
                     [&](const PutAllocation& change) {
                       if (find(change.row.instance) == nullptr) return false;
                       allocations[change.row.key()] = change.row;
                       return true;
                     },
                     [&](const EraseAllocation& change) { return allocations.erase(change.placement) < 2; },
                     [&](const AppendEvent& change) {
                       if (!events.empty() && change.event.revision <= events.back().revision) return false;
                       events.push_back(change.event);
                       return true;
                     },
                     [&](const Put<Project>& change) { return projects[change.row.id] = change.row, true; },
                     [&](const Put<User>& change) { return users[change.row.id] = change.row, true; },
                     [&](const Put<Quota>& change) { return quotas[change.row.project_id] = change.row, true; },
                     [&](const Put<RoleAssignment>& change) { return roles[change.row.key()] = change.row, true; },
                     [&](const Erase<Project>& change) { return projects.erase(change.key) < 2; },
                     [&](const Erase<User>& change) { return users.erase(change.key) < 2; },
                     [&](const Erase<RoleAssignment>& change) { return roles.erase(change.key) < 2; },
                     [](const auto&) {
                       ADD_FAILURE() << "the model does not know this mutation";
                       return false;
                     },
                 },
                 mutation);
  }

  ControllerState state() const {
    ControllerState state;
    for (const auto& [key, row] : instances) state.instances.push_back(row);
    for (const auto& [key, row] : allocations) state.allocations.push_back(row);
    for (const auto& [key, row] : projects) state.of<Project>().push_back(row);
    for (const auto& [key, row] : users) state.of<User>().push_back(row);
    for (const auto& [key, row] : roles) state.of<RoleAssignment>().push_back(row);
    for (const auto& [key, row] : quotas) state.of<Quota>().push_back(row);
    state.revision = events.empty() ? 0 : events.back().revision;
    state.last_instance_id = last_id;
    return state;
  }
};

// Draws mutations of few servers, projects and users, so that they meet each other.
class Drawer {
 public:
  explicit Drawer(uint64_t seed) : random_(seed) {
    for (int i = 0; i < 4; ++i) names_.push_back(random_uuid(random_));
    for (int64_t id = 1; id <= 12; ++id) rows_.push_back(sample_instance(random_, id));
  }

  Transaction transaction() {
    Transaction transaction;
    for (uint64_t i = 1 + random_.below(6); i > 0; --i) transaction.push_back(mutation());
    return transaction;
  }

 private:
  Mutation mutation() {
    Instance row = rows_[random_.below(rows_.size())];
    if (random_.chance(0.02)) row.id = static_cast<int64_t>(1 + random_.below(12));
    switch (random_.below(17)) {
      case 0:
      case 1:
      case 2: return InsertInstance{row};
      case 3:
      case 4:
      case 5: return UpdateInstance{changed_instance(random_, row)};
      case 6: return EraseInstance{row.uuid};
      case 7: return sample_launch_record(random_, row.uuid);
      case 8: {
        Allocation allocation = sample_allocation(random_, row.uuid);
        allocation.epoch = random_.below(3);
        return PutAllocation{allocation};
      }
      case 9: return EraseAllocation{{row.uuid, random_.below(3)}};
      case 10: return AppendEvent{sample_event(random_, revision_ += random_.below(20))};
      case 11: return Put<Project>{{.id = name(), .name = hostile_text(random_)}};
      case 12: return Put<User>{{.id = name(), .name = hostile_text(random_)}};
      case 13: return Put<Quota>{{.project_id = name(), .cores = static_cast<int64_t>(random_.next())}};
      case 15: return RespecifyInstance{row.uuid, sample_spec(random_)};
      case 14: return Put<RoleAssignment>{{name(), name(), static_cast<UserRole>(random_.below(4))}};
      default:
        if (random_.chance(0.3)) return Erase<Project>{name()};
        if (random_.chance(0.3)) return Erase<RoleAssignment>{{name(), name()}};
        return Erase<User>{name()};
    }
  }
  const Uuid& name() { return names_[random_.below(names_.size())]; }

  Random random_;
  std::vector<Uuid> names_;
  std::vector<Instance> rows_;
  uint64_t revision_ = 0;
};

void expect_same(ControllerStoreWorld& world, const Model& model) {
  auto state = world.reopen();
  ASSERT_TRUE(state.has_value()) << state.error().message;
  ASSERT_EQ(*state, model.state());
  for (const auto& [uuid, rows] : model.records) ASSERT_EQ(world.launch_record(uuid), rows);
  ASSERT_EQ(world.events(0, 100'000), model.events);
}

// Commits come in rounds of up to 20 awaited at once, so that a bad one has neighbours in its group.
void follow_model(ControllerStoreWorld& world, uint64_t seed, int count) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  Drawer drawer(seed);
  Random sizes(seed, "test", "round sizes");
  Model model;
  ASSERT_TRUE(world.reopen().has_value());
  int accepted = 0;
  for (int done = 0; done < count;) {
    std::vector<Transaction> round;
    std::vector<bool> expected;
    for (uint64_t i = 1 + sizes.below(20); i > 0 && done < count; --i, ++done) {
      round.push_back(drawer.transaction());
      Model changed = model;
      bool good = true;
      for (const Mutation& mutation : round.back()) good = good && changed.apply(mutation);
      if (good) model = std::move(changed);
      accepted += good;
      expected.push_back(good);
    }
    auto results = world.commit_all(std::move(round));
    for (size_t i = 0; i < results.size(); ++i) ASSERT_EQ(results[i].has_value(), expected[i]) << i;
    if (sizes.chance(0.2)) expect_same(world, model);
    if (testing::Test::HasFatalFailure()) return;
  }
  expect_same(world, model);
  EXPECT_GT(accepted, count / 10);
  EXPECT_LT(accepted, count);
}

TEST(ControllerStoreModelTest, Memory) {
  for (uint64_t seed : {1, 2, 3}) {
    MemoryControllerStoreWorld world(kWatchEventsKept);
    follow_model(world, seed, 300);
  }
}

TEST(ControllerStoreModelTest, Sqlite) {
  for (uint64_t seed : {1, 2, 3}) {
    SqliteControllerStoreWorld world(SqliteOptions{});
    follow_model(world, seed, 300);
  }
}

TEST(ControllerStoreModelTest, Postgres) {
  if (PostgresServer::shared() == nullptr) GTEST_SKIP() << PostgresServer::kNotInstalled;
  for (uint64_t seed : {1, 2, 3}) {
    PostgresControllerStoreWorld world;
    follow_model(world, seed, 300);
  }
}

}  // namespace
}  // namespace kilonova
