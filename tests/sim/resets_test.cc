// An operator resets the cloud while clients work and faults strike (docs/adr/0027-reset.md).
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "domain/api.h"
#include "domain/nouns/cloud_reset.h"
#include "domain/nouns/fault_rule.h"
#include "tests/sim/planted_bugs.h"

namespace kilonova::sim {
namespace {

class Resets : public ::testing::Test {
 protected:
  Resets() { std::ofstream(path_) << "reset_cloud = every 60s\n"; }
  ~Resets() override { std::remove(path_.c_str()); }
  std::string path_ = ::testing::TempDir() + "resets." + std::to_string(::getpid()) + ".faults";
};

TEST_F(Resets, AreDoneAndClientsGoOn) {
  RunOptions options;
  options.faults = path_;
  uint64_t resets = 0;
  for (options.seed = 1; options.seed <= 10; ++options.seed) {
    RunResult result = run_of(options);
    EXPECT_TRUE(result.ok()) << "seed " << options.seed << ": " << result.violations.front();
    EXPECT_EQ(result.faults_by_kind["reset cloud"], result.workload.resets);
    EXPECT_EQ(result.workload.servers_created + result.workload.servers_refused, options.launches);
    resets += result.workload.resets;
  }
  EXPECT_GT(resets, 20u);
}

// Leases stay where they were.
TEST_F(Resets, ThatLeaveAddressesAreCaught) {
  RunOptions options = small_run();
  options.network_lie = [](NetworkTransaction& transaction) {
    std::erase_if(transaction, [](const NetworkMutation& m) {
      return std::holds_alternative<network_mutation::EraseEverything>(m);
    });
    return false;
  };
  EXPECT_TRUE(is_caught(options, path_, 5, "acknowledgements", "after an acknowledged reset"));
}

// The controller hears of another operation with the same answer.
TEST_F(Resets, ThatAreAnsweredAndNotDoneAreCaught) {
  RunOptions options = small_run();
  options.codec = [](Message message) {
    auto* call = get_if<ApiCall>(&message.body);
    if (call != nullptr && holds_alternative<ResetCloud>(call->request)) call->request = ClearFaults{};
    return message;
  };
  EXPECT_TRUE(is_caught(options, path_, 5, "acknowledgements", "was acknowledged and is not stored"));
}

// The controller hears of it by another token than the client said.
TEST_F(Resets, ThatNobodyAskedForAreCaught) {
  RunOptions options = small_run();
  options.codec = [](Message message) {
    auto* call = get_if<ApiCall>(&message.body);
    auto* reset = call == nullptr ? nullptr : get_if<ResetCloud>(&call->request);
    if (reset != nullptr) reset->client_token = "another";
    return message;
  };
  EXPECT_TRUE(is_caught(options, path_, 5, "acknowledgements", "is reset and nobody asked for it"));
}

}  // namespace
}  // namespace kilonova::sim
