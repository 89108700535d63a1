// What the stores in memory can be told: latency, failures, crashes.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/run_task.h"
#include "runtime/scope.h"
#include "store/memory_controller_store.h"
#include "store/memory_guest_journal.h"
#include "store/memory_network_store.h"
#include "tests/contract/controller_store/sample_rows.h"

namespace kilonova {
namespace {

using namespace mutation;

Task<void> commit_and_note(ControllerStore* store, Transaction transaction, std::vector<Expected<>>* results) {
  results->push_back(co_await store->commit(std::move(transaction)));
}

class MemoryStoreTest : public testing::Test {
 protected:
  MemoryStoreTest() { open(); }
  void open() { store_ = std::make_unique<MemoryControllerStore>(loop_, image_, disk_); }
  void start(int64_t id) {
    scope_->spawn(commit_and_note(store_.get(), {InsertInstance{sample_instance(random_, id)}}, &results_));
  }
  // The daemon dies with what it has under way, and comes back.
  std::vector<int64_t> ids_after_crash() {
    scope_.emplace(loop_);
    store_.reset();
    open();
    std::vector<int64_t> ids;
    for (const Instance& row : store_->load()->instances) ids.push_back(row.id);
    return ids;
  }

  VirtualLoop loop_;
  MemoryDisk disk_;
  MemoryControllerImage image_;
  Random random_{1};
  std::vector<Expected<>> results_;
  std::unique_ptr<MemoryControllerStore> store_;
  std::optional<Scope> scope_{std::in_place, loop_};
};

const Error kFull{ErrorCode::kUnavailable, "disk full"};

TEST_F(MemoryStoreTest, ACommitIsNeverAnsweredInline) {
  start(1);
  EXPECT_TRUE(loop_.step());  // the flow starts
  EXPECT_TRUE(results_.empty());
  loop_.run_until_idle();
  EXPECT_EQ(results_.size(), 1u);
  EXPECT_EQ(loop_.now(), Instant{});
}

TEST_F(MemoryStoreTest, GroupsTakeTheLatencyAndThoseMeanwhileFormTheNext) {
  disk_.commit_latency = milliseconds(3);
  start(1);
  start(2);
  loop_.run_until(Instant{1000});
  start(3);
  loop_.run_until(Instant{2999});
  EXPECT_EQ(results_.size(), 0u);
  loop_.run_until(Instant{3000});
  EXPECT_EQ(results_.size(), 2u);
  loop_.run_until(Instant{5999});
  EXPECT_EQ(results_.size(), 2u);
  loop_.run_until(Instant{6000});
  EXPECT_EQ(results_.size(), 3u);
}

TEST_F(MemoryStoreTest, FailuresStrikeInOrderAndLeaveNothing) {
  disk_.fail_next(kFull);
  disk_.fail_next({ErrorCode::kUnavailable, "I/O error"});
  for (int64_t id : {1, 2, 3}) start(id);
  loop_.run_until_idle();
  ASSERT_EQ(results_.size(), 3u);
  EXPECT_EQ(results_[0].error(), kFull);
  EXPECT_EQ(results_[1].error().message, "I/O error");
  EXPECT_TRUE(results_[2].has_value());
  disk_.fail_from_now_on(kFull);
  start(4);
  start(5);
  loop_.run_until_idle();
  EXPECT_EQ(results_[4].error(), kFull);
  disk_.recover();
  start(6);
  loop_.run_until_idle();
  EXPECT_TRUE(results_[5].has_value());
  EXPECT_EQ(ids_after_crash(), (std::vector<int64_t>{3, 6}));
}

TEST_F(MemoryStoreTest, ACrashLosesWhatWasNotAnswered) {
  disk_.commit_latency = milliseconds(1);
  start(1);
  loop_.run_until_idle();
  for (int64_t id : {2, 3, 4}) start(id);
  loop_.run_until(loop_.now() + microseconds(500));
  start(5);
  loop_.run_until(loop_.now() + microseconds(100));
  EXPECT_EQ(ids_after_crash(), std::vector<int64_t>{1});
  loop_.run_until_idle();
  EXPECT_EQ(results_.size(), 1u);
}

TEST_F(MemoryStoreTest, ACrashKeepsAsMuchOfTheUnansweredAsTheDiskSays) {
  disk_.commit_latency = milliseconds(1);
  std::vector<size_t> asked;
  disk_.kept_on_crash = [&](size_t unanswered) {
    asked.push_back(unanswered);
    return size_t{2};
  };
  for (int64_t id : {1, 2, 3}) start(id);
  loop_.run_until(loop_.now() + microseconds(500));
  start(4);
  loop_.run_until(loop_.now() + microseconds(100));
  EXPECT_EQ(ids_after_crash(), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(ids_after_crash(), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(asked, std::vector<size_t>{4});
}

TEST_F(MemoryStoreTest, LaunchRecordsCanBeLeftOut) {
  image_.keep_launch_records(false);
  Instance row = sample_instance(random_, 1);
  ASSERT_TRUE(run_task(loop_, store_->commit({InsertInstance{row}, sample_launch_record(random_, row.uuid)})));
  EXPECT_EQ(run_task(loop_, store_->read_launch_record(row.uuid)), LaunchRecordRows{});
}

TEST_F(MemoryStoreTest, NetworkStoreAndJournalFailAsTheDiskSays) {
  MemoryNetworkImage network_image;
  MemoryNetworkStore network(loop_, network_image, disk_);
  MemoryGuestImage guest_image;
  MemoryGuestJournal journal(guest_image, disk_);
  disk_.fail_from_now_on(kFull);
  auto refused = run_task(loop_, network.commit({network_mutation::PutNetwork{}}));
  EXPECT_EQ(refused.error(), kFull);
  EXPECT_EQ(journal.put({}).error(), kFull);
  disk_.recover();
  ASSERT_TRUE(journal.put({.host = "h"}).has_value());
  disk_.fail_next(kFull);
  EXPECT_EQ(journal.erase("h", Uuid{}).error(), kFull);
  EXPECT_EQ(network.load(), NetworkState{});
  EXPECT_EQ(journal.load()->size(), 1u);
}

}  // namespace
}  // namespace kilonova
