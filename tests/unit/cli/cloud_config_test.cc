// What `kilonova up` makes of the cloud's file, a given one, and the command line.
#include "cli/up/cloud_config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/up/declare_options.h"
#include "tests/contract/controller_store/temporary_directory.h"

namespace kilonova::up {
namespace {

class CloudConfigTest : public testing::Test {
 protected:
  Expected<ConfigFile> merge(std::vector<std::string> words) {
    CLI::App app;
    options_ = {};
    add_up_options(app, options_);
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    return merge_config(app, options_, state_);
  }
  // As a start that succeeded leaves it.
  void keep(const ConfigFile& config) { write("kilonova.conf", config.text()); }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(directory_.file(name)) << text;
    return directory_.file(name);
  }
  std::string refusal(std::vector<std::string> words) {
    auto merged = merge(std::move(words));
    return merged ? "it was taken" : merged.error().message;
  }
  static std::string value(const ConfigFile& config, std::string_view section, std::string_view key) {
    const ConfigEntry* entry = config.find(section, key);
    return entry == nullptr ? "none" : entry->value;
  }

  TemporaryDirectory directory_;
  StateDir state_{directory_.path()};
  UpOptions options_;
};

TEST_F(CloudConfigTest, WithoutAWordNothingIsSaid) {
  auto config = merge({});
  ASSERT_TRUE(config.has_value());
  EXPECT_TRUE(config->entries().empty());
}

TEST_F(CloudConfigTest, WhatWasGivenIsRememberedAndWinsTheNextTime) {
  keep(*merge({"--hosts", "20", "--driver", "chance", "--max-lost-casts", "4"}));
  auto config = merge({"--driver", "simple"});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(value(*config, "compute", "hosts"), "20");
  EXPECT_EQ(value(*config, "scheduler", "driver"), "simple");
  EXPECT_EQ(value(*config, "controller", "max-lost-casts"), "4");
  EXPECT_EQ(options_.hosts, 20U);
  EXPECT_EQ(options_.driver, "simple");
}

TEST_F(CloudConfigTest, OneRunsAffairsAreNotRemembered) {
  auto config = merge({"--ttl", "10m", "--detach", "--admin-password-file", "/x"});
  ASSERT_TRUE(config.has_value());
  EXPECT_TRUE(config->entries().empty());
}

TEST_F(CloudConfigTest, AGivenFileIsTakenInsteadOfTheClouds) {
  keep(*merge({"--hosts", "20"}));
  std::string file = write("mine.conf", "[up]\nschedulers = 2\n[scheduler]\nenabled_weighers = RAMWeigher\n");
  auto config = merge({"--config", file});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(value(*config, "compute", "hosts"), "none");
  EXPECT_EQ(options_.schedulers, 2U);
  EXPECT_EQ(value(*config, "scheduler", "enabled-weighers"), "RAMWeigher");
}

TEST_F(CloudConfigTest, AnyOptionOfAnyDaemonCanBeSet) {
  auto config = merge({"--set", "compute.max-concurrent-builds=3", "--set", "scheduler.driver=chance"});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(value(*config, "compute", "max-concurrent-builds"), "3");
  EXPECT_EQ(options_.driver, "chance") << "what `up` knows too, it has heard";
}

TEST_F(CloudConfigTest, WhoSaysTheOneTakesBackTheOther) {
  keep(*merge({"--hosts-file", "hosts.csv", "--hosts-columns", "name=sn", "--grpc-listen", "127.0.0.1:1"}));
  EXPECT_EQ(options_.hosts_file, "hosts.csv");
  auto config = merge({"--hosts", "3", "--grpc-port", "7"});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(value(*config, "compute", "hosts-file"), "none");
  EXPECT_EQ(value(*config, "compute", "hosts-columns"), "none");
  EXPECT_EQ(value(*config, "api", "grpc-listen"), "none");
  EXPECT_EQ(options_.hosts_file, "");
  EXPECT_EQ(options_.grpc_listen, "");
}

TEST_F(CloudConfigTest, PortsOfHttpAreLikeThoseOfGrpc) {
  keep(*merge({"--http-listen", "127.0.0.1:2"}));
  EXPECT_EQ(http_address(options_), "127.0.0.1:2");
  EXPECT_FALSE(takes_any_http_port(options_));
  auto config = merge({"--http-port", "7"});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(value(*config, "api", "http-listen"), "none");
  EXPECT_EQ(value(*config, "up", "http-port"), "7");
  EXPECT_EQ(http_listen(options_), "127.0.0.1:7");
}

TEST(HttpPort, IsTheDefaultBesideTheDefaultGrpcPortAlone) {
  EXPECT_EQ(http_listen(UpOptions{}), "127.0.0.1:8774");
  EXPECT_FALSE(takes_any_http_port(UpOptions{}));
  EXPECT_TRUE(takes_any_http_port(UpOptions{.grpc_port = 4711}));
  EXPECT_TRUE(takes_any_http_port(UpOptions{.grpc_port = 0}));
  EXPECT_TRUE(takes_any_http_port(UpOptions{.grpc_listen = "0.0.0.0:8775"}));
  EXPECT_TRUE(takes_any_http_port(UpOptions{.http_port = 0}));
  EXPECT_FALSE(takes_any_http_port(UpOptions{.grpc_port = 4711, .http_port = 8774}));
  EXPECT_EQ(http_address(UpOptions{.http_listen = "0.0.0.0:80"}), "127.0.0.1:80");
}

TEST_F(CloudConfigTest, FilesAreRememberedByTheirWholePath) {
  auto config = merge({"--hosts-file", "hosts.csv", "--timing", "my.timing"});
  ASSERT_TRUE(config.has_value());
  std::string here = std::filesystem::current_path().string();
  EXPECT_EQ(value(*config, "compute", "hosts-file"), here + "/hosts.csv");
  EXPECT_EQ(value(*config, "compute", "timing"), here + "/my.timing");
  EXPECT_EQ(value(*merge({"--timing", "realistic"}), "compute", "timing"), "realistic");
}

TEST_F(CloudConfigTest, TimingForTestsIsWrittenOut) {
  auto config = merge({"--timing", "test", "--service-down-time", "5"});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(value(*config, "compute", "timing"), "instant");
  EXPECT_EQ(value(*config, "DEFAULT", "report-interval"), "1");
  EXPECT_EQ(value(*config, "controller", "service-down-time"), "5");
  EXPECT_EQ(options_.report_interval, seconds(1));
  EXPECT_EQ(options_.service_down_time, seconds(5));
}

TEST_F(CloudConfigTest, AWrongFileOrWordIsOneLine) {
  std::string file = write("mine.conf", "[up]\nscheduler = 2\n");
  EXPECT_EQ(refusal({"--config", file}),
            file + ":2: [up] scheduler = 2: [up] has no such option; did you mean schedulers?");
  write("mine.conf", "[compute]\nhosts = -3\n");
  EXPECT_EQ(refusal({"--config", file}).rfind(file + ":2: [compute] hosts = -3: ", 0), 0U);
  EXPECT_EQ(refusal({"--config", "/no/such/file"}),
            "the configuration file /no/such/file cannot be read: No such file or directory");
  EXPECT_EQ(refusal({"--set", "hosts=3"}), "--set hosts=3: it takes SECTION.KEY=VALUE, as in scheduler.driver=filter");
  EXPECT_EQ(refusal({"--set", "computes.hosts=3"}),
            "--set computes.hosts=3: there is no section [computes]; did you mean [compute]?");
}

}  // namespace
}  // namespace kilonova::up
