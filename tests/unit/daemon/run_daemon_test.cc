#include "daemon/run_daemon.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "metrics/metric_page.h"

namespace kilonova {
namespace {

struct Story {
  std::vector<std::string> events;
  Expected<> start_result;
};

class TestDaemon : public Daemon, public PeerHandler {
 public:
  explicit TestDaemon(Story& story) : story_(story) {}
  ~TestDaemon() override { story_.events.push_back("destroyed"); }
  PeerHandler& handler() override { return *this; }
  Task<Expected<>> start() override {
    story_.events.push_back("start");
    co_return story_.start_result;
  }
  void stop() override { story_.events.push_back("stop"); }
  void on_peer_up(const Peer&) override {}
  void on_peer_down(const Peer&) override {}
  void on_message(const Peer&, Message) override {}

 private:
  Story& story_;
};

class CountingDaemon final : public TestDaemon {
 public:
  using TestDaemon::TestDaemon;
  void add_metrics(MetricPage& page) override { page.add(metric::kGuests, 42); }
};

class RunDaemon : public ::testing::Test {
 protected:
  RunDaemon() {
    std::string pattern = ::testing::TempDir() + "kilonova-run-XXXXXX";
    state_ = ::mkdtemp(pattern.data());
    options_.state_dir = state_ + "/state";
    options_.listen = default_listen(options_.state_dir, {Role::kController, 0});
    options_.log_file = options_.state_dir + "/logs/controller-0.log";
  }
  ~RunDaemon() override { std::filesystem::remove_all(state_); }

  DaemonFactory factory() {
    return [this](DaemonContext& context) -> Expected<std::unique_ptr<Daemon>> {
      story_.events.push_back("made " + context.options.name());
      return std::make_unique<TestDaemon>(story_);
    };
  }
  int run_silently(const DaemonFactory& make) {
    ::testing::internal::CaptureStderr();
    int code = run_daemon(options_, make);
    errors_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  std::string state_;
  DaemonOptions options_{Role::kController};
  Story story_;
  std::string errors_;
};

TEST_F(RunDaemon, ComesUpSaysReadyAndEndsOnASignal) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  options_.ready_fd = ends[1];
  std::string ready(6, '\0');
  std::thread waiter;
  int code = run_silently([&](DaemonContext& context) {
    // Started here, so that it inherits the blocked signals.
    waiter = std::thread([&] {
      EXPECT_EQ(::read(ends[0], ready.data(), ready.size()), 6);
      ::kill(::getpid(), SIGTERM);
    });
    return factory()(context);
  });
  waiter.join();
  ::close(ends[0]);
  EXPECT_EQ(code, 0) << errors_;
  EXPECT_EQ(ready, "ready\n");
  EXPECT_EQ(errors_, "");
  EXPECT_EQ(story_.events, (std::vector<std::string>{"made controller-0", "start", "stop", "destroyed"}));
  std::ifstream log(options_.log_file);
  std::string text{std::istreambuf_iterator<char>(log), {}};
  EXPECT_NE(text.find("message=\"ready\""), std::string::npos) << text;
  EXPECT_NE(text.find("message=\"stopping\""), std::string::npos);
  EXPECT_EQ(std::filesystem::status(options_.state_dir).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(RunDaemon, AFailedStartIsOneLineAndOne) {
  story_.start_result = fail(ErrorCode::kDataLoss, "the database is corrupt");
  EXPECT_EQ(run_silently(factory()), 1);
  EXPECT_EQ(errors_, "kilonova controller-0: the database is corrupt\n");
  EXPECT_EQ(story_.events.back(), "destroyed");
}

TEST_F(RunDaemon, AFactoryMayRefuse) {
  int code = run_silently([](DaemonContext&) -> Expected<std::unique_ptr<Daemon>> {
    return fail(ErrorCode::kInvalidArgument, "no hosts");
  });
  EXPECT_EQ(code, 1);
  EXPECT_EQ(errors_, "kilonova controller-0: no hosts\n");
}

TEST_F(RunDaemon, AStateDirectoryThatCannotBeMadeIsNamed) {
  std::ofstream(state_ + "/plain") << "no directory";
  options_.state_dir = state_ + "/plain/state";
  EXPECT_EQ(run_silently(factory()), 1);
  EXPECT_NE(errors_.find(state_ + "/plain/state"), std::string::npos) << errors_;
}

TEST_F(RunDaemon, AShortSecretIsRefused) {
  std::ofstream(state_ + "/secret") << "short\n";
  std::filesystem::permissions(state_ + "/secret", std::filesystem::perms(0600));
  options_.secret_file = state_ + "/secret";
  EXPECT_EQ(run_silently(factory()), 1);
  EXPECT_NE(errors_.find("at least 16 are needed"), std::string::npos) << errors_;
}

TEST_F(RunDaemon, ASecretThatEverybodyCanReadIsRefused) {
  std::ofstream(state_ + "/secret") << "long enough to be a secret\n";
  std::filesystem::permissions(state_ + "/secret", std::filesystem::perms(0644));
  options_.secret_file = state_ + "/secret";
  EXPECT_EQ(run_silently(factory()), 1);
  EXPECT_NE(errors_.find("chmod 600"), std::string::npos) << errors_;
}

TEST_F(RunDaemon, AnAddressOfMetricsThatCannotBeIsNamed) {
  options_.metrics_listen = "somewhere";
  EXPECT_EQ(run_silently(factory()), 1);
  EXPECT_EQ(errors_,
            "kilonova controller-0: --metrics-listen: 'somewhere' is no address to listen on: say HOST:PORT\n");
}

TEST_F(RunDaemon, APageHasWhatEveryDaemonShowsAndWhatThisOneAdds) {
  std::string page;
  int code = run_silently([&](DaemonContext& context) -> Expected<std::unique_ptr<Daemon>> {
    context.loop.post([&] {
      page = context.metrics();
      ::kill(::getpid(), SIGTERM);
    });
    return std::make_unique<CountingDaemon>(story_);
  });
  EXPECT_EQ(code, 0) << errors_;
  for (const char* line :
       {"kilonova_daemon_info{daemon=\"controller-0\",role=\"controller\"} 1\n", "kilonova_metrics_scrapes_total 1\n",
        "kilonova_peers_connected{role=\"compute\"} 0\n", "kilonova_guests 42\n"})
    EXPECT_NE(page.find(line), std::string::npos) << page;
}

TEST_F(RunDaemon, AnAddressThatCannotBeIsNamed) {
  options_.listen = "unix:/no-such-directory/x.sock";
  EXPECT_EQ(run_silently(factory()), 1);
  EXPECT_NE(errors_.find("/no-such-directory/x.sock"), std::string::npos) << errors_;
}

}  // namespace
}  // namespace kilonova
