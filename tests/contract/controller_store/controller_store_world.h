// Where a controller store under test lives: its loop, its disk, and a way to open it again after its end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/watch_event.h"
#include "ports/controller_store.h"
#include "runtime/when_all.h"
#include "store/memory_controller_store.h"
#include "store/postgres_controller_store.h"
#include "store/sqlite_controller_store.h"
#include "tests/contract/controller_store/run_on_loop.h"
#include "tests/contract/controller_store/temporary_directory.h"
#include "tests/support/store/postgres_server.h"

namespace kilonova {

class ControllerStoreWorld {
 public:
  virtual ~ControllerStoreWorld() = default;
  // Ends the store, if there is one, and opens the next on what is durable.
  virtual Expected<ControllerState> reopen() = 0;
  virtual ControllerStore& store() = 0;
  virtual Loop& loop() = 0;
  virtual void run(Task<void> task) = 0;

  template <class T>
  T result(Task<T> task) {
    std::optional<T> result;
    run(detail::store_result(std::move(task), &result));
    return std::move(*result);
  }
  Expected<> commit(Transaction transaction) { return result(store().commit(std::move(transaction))); }
  // All awaited at once.
  std::vector<Expected<>> commit_all(std::vector<Transaction> transactions) {
    std::vector<Task<Expected<>>> commits;
    for (Transaction& transaction : transactions) commits.push_back(store().commit(std::move(transaction)));
    return result(when_all(loop(), std::move(commits)));
  }
  Expected<LaunchRecordRows> launch_record(const Uuid& instance) {
    return result(store().read_launch_record(instance));
  }
  Expected<std::vector<WatchEvent>> events(uint64_t since, uint32_t limit) {
    return result(store().read_events(since, limit));
  }
};

class MemoryControllerStoreWorld final : public ControllerStoreWorld {
 public:
  explicit MemoryControllerStoreWorld(uint64_t events_kept) : image_(events_kept) {}
  Expected<ControllerState> reopen() override {
    store_.reset();
    store_.emplace(loop_, image_, disk_);
    return store_->load();
  }
  ControllerStore& store() override { return *store_; }
  Loop& loop() override { return loop_; }
  void run(Task<void> task) override { run_flow(loop_, std::move(task)); }

 private:
  VirtualLoop loop_;
  MemoryDisk disk_;
  MemoryControllerImage image_;
  std::optional<MemoryControllerStore> store_;
};

class SqliteControllerStoreWorld final : public ControllerStoreWorld {
 public:
  explicit SqliteControllerStoreWorld(SqliteOptions options) : options_(options) {}
  Expected<ControllerState> reopen() override {
    store_.reset();
    store_.emplace(loop_, path(), options_);
    return store_->load();
  }
  void close() { store_.reset(); }
  std::string path() const { return directory_.file("controller.db"); }
  const TemporaryDirectory& directory() const { return directory_; }
  SqliteOptions& options() { return options_; }
  ControllerStore& store() override { return *store_; }
  Loop& loop() override { return loop_; }
  void run(Task<void> task) override { run_flow(loop_, std::move(task)); }

 private:
  TemporaryDirectory directory_;
  SqliteOptions options_;
  RealLoop loop_;
  std::optional<SqliteControllerStore> store_;
};

// In a database of its own, on the server of this program, which must be installed.
class PostgresControllerStoreWorld final : public ControllerStoreWorld {
 public:
  explicit PostgresControllerStoreWorld(PostgresOptions options = {}) : options_(std::move(options)) {
    options_.url = PostgresServer::shared()->new_database();
    options_.holder = "a test";
    options_.on_lost = [this](Error why) {
      lost_ = std::move(why);
      loop_.stop();
    };
  }
  Expected<ControllerState> reopen() override {
    store_.reset();
    store_.emplace(loop_, options_);
    return store_->load();
  }
  void close() { store_.reset(); }
  PostgresOptions& options() { return options_; }
  std::string sql(const std::string& text) { return PostgresServer::shared()->sql(options_.url, text); }
  ControllerStore& store() override { return *store_; }
  Loop& loop() override { return loop_; }
  void run(Task<void> task) override { run_flow(loop_, std::move(task)); }
  // What the store said when it lost its lease or its database; run() came back then.
  const std::optional<Error>& lost() const { return lost_; }

 private:
  PostgresOptions options_;
  RealLoop loop_;
  std::optional<Error> lost_;
  std::optional<PostgresControllerStore> store_;
};

}  // namespace kilonova
