// What every network store promises (ports/network_store.h), on each implementation.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/when_all.h"
#include "store/first_subnet.h"
#include "store/memory_network_store.h"
#include "store/postgres_network_store.h"
#include "store/sqlite_network_store.h"
#include "tests/contract/controller_store/run_on_loop.h"
#include "tests/contract/controller_store/sample_rows.h"
#include "tests/contract/controller_store/temporary_directory.h"
#include "tests/support/store/postgres_server.h"

namespace kilonova {
namespace {

using namespace network_mutation;

class World {
 public:
  virtual ~World() = default;
  virtual Expected<NetworkState> reopen() = 0;
  virtual std::vector<Expected<>> commit_all(std::vector<NetworkTransaction> transactions) = 0;
};

template <class Loop>
std::vector<Expected<>> commit_on(Loop& loop, NetworkStore& store, std::vector<NetworkTransaction> transactions) {
  std::vector<Task<Expected<>>> commits;
  for (NetworkTransaction& transaction : transactions) commits.push_back(store.commit(std::move(transaction)));
  return result_of(loop, when_all(loop, std::move(commits)));
}

class MemoryWorld final : public World {
 public:
  Expected<NetworkState> reopen() override {
    store_.reset();
    store_.emplace(loop_, image_, disk_);
    return store_->load();
  }
  std::vector<Expected<>> commit_all(std::vector<NetworkTransaction> transactions) override {
    return commit_on(loop_, *store_, std::move(transactions));
  }

 private:
  VirtualLoop loop_;
  MemoryDisk disk_;
  MemoryNetworkImage image_;
  std::optional<MemoryNetworkStore> store_;
};

class SqliteWorld final : public World {
 public:
  Expected<NetworkState> reopen() override {
    store_.reset();
    store_.emplace(loop_, directory_.file("network.db"));
    return store_->load();
  }
  std::vector<Expected<>> commit_all(std::vector<NetworkTransaction> transactions) override {
    return commit_on(loop_, *store_, std::move(transactions));
  }

 private:
  TemporaryDirectory directory_;
  RealLoop loop_;
  std::optional<SqliteNetworkStore> store_;
};

// On the server of this program, which must be installed.
class PostgresWorld final : public World {
 public:
  Expected<NetworkState> reopen() override {
    store_.reset();
    store_.emplace(loop_, PostgresOptions{.url = url_});
    return store_->load();
  }
  std::vector<Expected<>> commit_all(std::vector<NetworkTransaction> transactions) override {
    return commit_on(loop_, *store_, std::move(transactions));
  }

 private:
  std::string url_ = PostgresServer::shared()->new_database();
  RealLoop loop_;
  std::optional<PostgresNetworkStore> store_;
};

struct Kind {
  const char* name;
  std::unique_ptr<World> (*make)();
};
std::unique_ptr<World> make_memory() { return std::make_unique<MemoryWorld>(); }
std::unique_ptr<World> make_sqlite() { return std::make_unique<SqliteWorld>(); }
// None where it is not installed.
std::unique_ptr<World> make_postgres() {
  if (PostgresServer::shared() == nullptr) return nullptr;
  return std::make_unique<PostgresWorld>();
}

Network sample_network(Random& random) {
  return {.id = random_uuid(random),
          .name = hostile_text(random),
          .project_id = random_uuid(random),
          .shared = random.chance(0.5),
          .external = random.chance(0.5),
          .cidr = {{static_cast<uint32_t>(random.next())}, static_cast<uint8_t>(random.below(33))},
          .gateway = {static_cast<uint32_t>(random.next())},
          .vlan = static_cast<uint16_t>(random.next()),
          .created_at = {static_cast<int64_t>(random.next())}};
}

Lease sample_lease(Random& random, const Uuid& instance, uint32_t nic) {
  return {.instance = instance,
          .epoch = random.next(),
          .hostname = hostile_text(random),
          .address = {.network_id = random_uuid(random),
                      .network_name = hostile_text(random),
                      .nic = nic,
                      .ip = {static_cast<uint32_t>(random.next())},
                      .prefix = 8,
                      .gateway = {static_cast<uint32_t>(random.next())},
                      .mac = {random.next() >> 16},
                      .vlan = static_cast<uint16_t>(random.next()),
                      .bridge = hostile_text(random),
                      .lease_expires_at = {static_cast<int64_t>(random.next())}}};
}

Subnet sample_subnet(Random& random) {
  Subnet row;
  row.id = random_uuid(random);
  row.network_id = random_uuid(random);
  row.project_id = random_uuid(random);
  row.cidr = hostile_text(random);
  row.gateway = hostile_text(random);
  for (uint64_t i = random.below(3); i > 0; --i) row.pools.push_back({hostile_text(random), hostile_text(random)});
  row.automatic = random.chance(0.5);
  row.details = hostile_text(random);
  row.revision = random.next();
  row.created_at = {static_cast<int64_t>(random.next())};
  row.updated_at = {static_cast<int64_t>(random.next())};
  return row;
}

Port sample_port(Random& random) {
  Port row;
  row.id = random_uuid(random);
  row.network_id = random_uuid(random);
  row.project_id = random_uuid(random);
  row.mac = {random.next() >> 16};
  for (uint64_t i = random.below(3); i > 0; --i) row.fixed_ips.push_back({random_uuid(random), hostile_text(random)});
  row.device_id = hostile_text(random);
  row.device_owner = hostile_text(random);
  row.goes_with_device = random.chance(0.5);
  row.is_asked_for = random.chance(0.5);
  row.details = hostile_text(random);
  row.revision = random.next();
  row.created_at = {static_cast<int64_t>(random.next())};
  row.updated_at = {static_cast<int64_t>(random.next())};
  return row;
}

class NetworkStoreTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!world_) GTEST_SKIP() << PostgresServer::kNotInstalled;
    ASSERT_EQ(reopen(), NetworkState{});
  }
  NetworkState reopen() {
    auto state = world_->reopen();
    EXPECT_TRUE(state.has_value()) << (state ? "" : state.error().message);
    return state.value_or(NetworkState{});
  }
  void commit(NetworkTransaction transaction) {
    for (const auto& done : world_->commit_all({std::move(transaction)})) {
      EXPECT_TRUE(done.has_value()) << done.error().message;
    }
  }

  std::unique_ptr<World> world_ = GetParam().make();
  Random random_{11};
};

INSTANTIATE_TEST_SUITE_P(Stores, NetworkStoreTest,
                         testing::Values(Kind{"memory", make_memory}, Kind{"sqlite", make_sqlite},
                                         Kind{"postgres", make_postgres}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(NetworkStoreTest, EveryRowIsLoadedAsItWasPutInKeyOrder) {
  NetworkState expected;
  NetworkTransaction transaction;
  for (int i = 0; i < 40; ++i) {
    Uuid instance = random_uuid(random_);
    expected.networks.push_back(sample_network(random_));
    expected.fences.push_back({{instance, random_.next()}, {static_cast<int64_t>(random_.next())}});
    expected.details.push_back({random_uuid(random_), hostile_text(random_), random_.next(), {3}});
    expected.subnets.push_back(sample_subnet(random_));
    expected.ports.push_back(sample_port(random_));
    transaction.push_back(PutDetails{expected.details.back()});
    transaction.push_back(PutSubnet{expected.subnets.back()});
    transaction.push_back(PutPort{expected.ports.back()});
    transaction.push_back(PutNetwork{expected.networks.back()});
    transaction.push_back(PutFence{expected.fences.back()});
    for (uint32_t nic : {300u, 0u, 1u}) {
      expected.leases.push_back(sample_lease(random_, instance, nic));
      transaction.push_back(PutLease{expected.leases.back()});
    }
  }
  commit(std::move(transaction));
  auto lease_key = [](const Lease& lease) { return std::pair(lease.instance, lease.address.nic); };
  std::ranges::sort(expected.networks, {}, &Network::id);
  std::ranges::sort(expected.leases, {}, lease_key);
  std::ranges::sort(expected.details, {}, &NetworkDetails::id);
  std::ranges::sort(expected.subnets, {}, &Subnet::id);
  std::ranges::sort(expected.ports, {}, &Port::id);
  std::ranges::sort(expected.fences, {}, [](const ReleaseFence& fence) { return fence.placement.instance; });
  EXPECT_EQ(reopen(), expected);
}

TEST_P(NetworkStoreTest, HostileTextSurvives) {
  for (const std::string& text : hostile_texts()) {
    Network network = sample_network(random_);
    Lease lease = sample_lease(random_, random_uuid(random_), 0);
    network.name = lease.hostname = lease.address.network_name = lease.address.bridge = text;
    commit({PutNetwork{network}, PutLease{lease}});
    NetworkState state = reopen();
    EXPECT_NE(std::ranges::find(state.networks, network), state.networks.end());
    EXPECT_NE(std::ranges::find(state.leases, lease), state.leases.end());
  }
}

TEST_P(NetworkStoreTest, ErasingTakesExactlyItsKey) {
  Uuid one = random_uuid(random_), two = random_uuid(random_);
  Network network = sample_network(random_), other = sample_network(random_);
  Lease kept = sample_lease(random_, two, 1);
  commit({PutNetwork{network}, PutNetwork{other}, PutLease{sample_lease(random_, one, 0)},
          PutLease{sample_lease(random_, one, UINT32_MAX)}, PutLease{kept}, PutFence{{{one, 4}, {5}}},
          PutFence{{{two, 6}, {7}}}});
  commit({EraseNetwork{network.id}, EraseLeases{one}, EraseFence{one}, EraseNetwork{one}, EraseLeases{network.id},
          EraseFence{network.id}});
  EXPECT_EQ(reopen(), (NetworkState{{other}, {kept}, {{{two, 6}, {7}}}}));
  Subnet subnet = sample_subnet(random_), other_subnet = sample_subnet(random_);
  Port port = sample_port(random_), other_port = sample_port(random_);
  commit({PutDetails{{one, "a", 1, {}}}, PutDetails{{two, "b", 1, {}}}, PutSubnet{subnet}, PutSubnet{other_subnet},
          PutPort{port}, PutPort{other_port}});
  commit({EraseDetails{one}, EraseSubnet{subnet.id}, ErasePort{port.id}, ErasePort{one}});
  EXPECT_EQ(reopen(),
            (NetworkState{{other}, {kept}, {{{two, 6}, {7}}}, {{two, "b", 1, {}}}, {other_subnet}, {other_port}}));
}

TEST_P(NetworkStoreTest, ErasingEverythingLeavesWhatIsPutBehindIt) {
  const Uuid server = random_uuid(random_);
  Network kept = sample_network(random_);
  commit({PutNetwork{sample_network(random_)}, PutLease{sample_lease(random_, server, 0)}, PutFence{{{server, 4}, {5}}},
          PutDetails{{server, "a", 1, {}}}, PutSubnet{sample_subnet(random_)}, PutPort{sample_port(random_)}});
  commit({PutNetwork{sample_network(random_)}, EraseEverything{}, PutNetwork{kept}});
  EXPECT_EQ(reopen(), (NetworkState{{kept}}));
}

TEST_P(NetworkStoreTest, TheLastPutOfAKeyWinsInTheOrderAwaited) {
  Uuid instance = random_uuid(random_);
  std::vector<NetworkTransaction> transactions;
  Lease last;
  for (int i = 0; i < 500; ++i) {
    last = sample_lease(random_, instance, 2);
    transactions.push_back({EraseLeases{instance}, PutLease{last}, PutFence{{{instance, last.epoch}, {}}}});
  }
  for (const auto& done : world_->commit_all(std::move(transactions))) EXPECT_TRUE(done.has_value());
  EXPECT_EQ(reopen(), (NetworkState{{}, {last}, {{{instance, last.epoch}, {}}}}));
}

TEST_P(NetworkStoreTest, RandomTransactionsFollowAPlainModel) {
  std::map<std::pair<Uuid, uint32_t>, Lease> leases;
  std::map<Uuid, ReleaseFence> fences;
  std::vector<Uuid> instances;
  for (int i = 0; i < 10; ++i) instances.push_back(random_uuid(random_));
  for (int round = 0; round < 30; ++round) {
    std::vector<NetworkTransaction> transactions(10);
    for (NetworkTransaction& transaction : transactions) {
      for (uint64_t i = random_.below(5); i > 0; --i) {
        const Uuid& instance = instances[random_.below(instances.size())];
        switch (random_.below(4)) {
          case 0:
          case 1: {
            Lease lease = sample_lease(random_, instance, static_cast<uint32_t>(random_.below(3)));
            leases[{instance, lease.address.nic}] = lease;
            transaction.push_back(PutLease{lease});
            break;
          }
          case 2:
            std::erase_if(leases, [&](const auto& entry) { return entry.first.first == instance; });
            fences[instance] = {{instance, random_.next()}, {}};
            transaction.push_back(EraseLeases{instance});
            transaction.push_back(PutFence{fences[instance]});
            break;
          default: fences.erase(instance); transaction.push_back(EraseFence{instance});
        }
      }
    }
    for (const auto& done : world_->commit_all(std::move(transactions))) ASSERT_TRUE(done.has_value());
    NetworkState expected;
    for (const auto& [key, row] : leases) expected.leases.push_back(row);
    for (const auto& [key, row] : fences) expected.fences.push_back(row);
    ASSERT_EQ(reopen(), expected);
  }
}

// What tests/contract/data/network_v1.db holds. Never changed; a later version adds to it after its migration.
NetworkState version_1_state() {
  Uuid network, instance;
  network.bytes[15] = 1;
  instance.bytes[15] = 2;
  return {{{network, "pri\tvate", instance, true, false, {{0x0a000000}, 8}, {0x0a000001}, 100, {5}}},
          {{instance,
            3,
            "web-1",
            {network, "pri\tvate", 1, {0x0a000002}, 8, {0x0a000001}, {0xfa163e000001}, 100, "br100", {99}}}},
          {{{network, 4}, {6}}}};
}

TEST(SqliteNetworkStoreTest, AFileOfVersion1IsRead) {
  const char* root = std::getenv("KILONOVA_SOURCE_DIR");
  std::string kept = std::string(root == nullptr ? "." : root) + "/tests/contract/data/network_v1.db";
  TemporaryDirectory directory;
  std::string path = directory.file("network.db");
  NetworkState expected = version_1_state();
  RealLoop loop;
  // How the file was made, at the commit that introduced the version; a released one is never made again.
  if (std::getenv("KILONOVA_WRITE_STORE_FIXTURE") != nullptr && !std::filesystem::exists(kept)) {
    {
      SqliteNetworkStore store(loop, path);
      ASSERT_TRUE(store.load().has_value());
      auto results =
          commit_on(loop, store,
                    {{PutNetwork{expected.networks[0]}, PutLease{expected.leases[0]}, PutFence{expected.fences[0]}}});
      ASSERT_TRUE(results.at(0).has_value());
    }
    std::filesystem::copy(path, kept);
  }
  std::filesystem::copy(kept, path, std::filesystem::copy_options::overwrite_existing);
  SqliteNetworkStore store(loop, path);
  auto state = store.load();
  ASSERT_TRUE(state.has_value()) << state.error().message;
  // Its network has the subnet that was in its row, under the id that was always shown.
  expected.subnets.push_back(first_subnet(expected.networks[0]));
  EXPECT_EQ(to_string(expected.subnets[0].id), "0e14556a-df39-3662-4916-481e20d3666c");
  EXPECT_EQ(expected.subnets[0].cidr, "10.0.0.0/8");
  EXPECT_EQ(expected.subnets[0].pools, (std::vector<AddressRange>{{"10.0.0.2", "10.255.255.254"}}));
  EXPECT_EQ(*state, expected);
}

}  // namespace
}  // namespace kilonova
