// One rule of precedence for every option: given, then the environment, then the default; and which cloud is meant by
// it.
#include "cli/client/cloud_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "cli/cli.h"

namespace kilonova::cli {
namespace {

using testing::HasSubstr;

constexpr const char* kVariables[] = {
    "KILONOVA_STATE_DIR", "KILONOVA_ENDPOINT", "OS_CACERT",       "OS_CERT",       "OS_KEY",
    "OS_USERNAME",        "OS_PASSWORD",       "OS_PROJECT_NAME", "XDG_STATE_HOME"};

using Variables = std::vector<std::pair<std::string, std::string>>;

// What a command with these words would work with.
Globals parsed(const Variables& variables, std::vector<std::string> words) {
  for (const char* variable : kVariables) unsetenv(variable);
  setenv("XDG_STATE_HOME", "/x", 1);
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
  Globals globals;
  CLI::App app("test", "kilonova");
  add_commands(app, globals);
  words.insert(words.end(), {"server", "list"});
  std::reverse(words.begin(), words.end());
  app.parse(words);
  for (const char* variable : kVariables) unsetenv(variable);
  return globals;
}

TEST(PrecedenceTest, OfEveryOption) {
  struct Row {
    Setting Globals::* setting;
    std::string option;
    std::string variable;
    std::string default_value;
  };
  const std::vector<Row> rows{
      {&Globals::state_dir, "--state-dir", "KILONOVA_STATE_DIR", "/x/kilonova"},
      {&Globals::endpoint, "--endpoint", "KILONOVA_ENDPOINT", ""},
      {&Globals::ca, "--ca-file", "OS_CACERT", ""},
      {&Globals::ca, "--os-cacert", "OS_CACERT", ""},
      {&Globals::certificate, "--os-cert", "OS_CERT", ""},
      {&Globals::key, "--os-key", "OS_KEY", ""},
      {&Globals::user, "--os-username", "OS_USERNAME", "admin"},
      {&Globals::password, "--os-password", "OS_PASSWORD", "kilonova"},
      {&Globals::project, "--os-project-name", "OS_PROJECT_NAME", "admin"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.option);
    auto value = [&](const Variables& variables, const std::vector<std::string>& words) {
      Setting setting = parsed(variables, words).*row.setting;
      return std::pair(setting.value, setting.source);
    };
    EXPECT_EQ(value({}, {}), std::pair(row.default_value, Source::kDefault));
    EXPECT_EQ(value({{row.variable, ""}}, {}), std::pair(row.default_value, Source::kDefault));
    EXPECT_EQ(value({{row.variable, "/e"}}, {}), std::pair(std::string("/e"), Source::kEnvironment));
    EXPECT_EQ(value({}, {row.option, "/g"}), std::pair(std::string("/g"), Source::kGiven));
    EXPECT_EQ(value({{row.variable, "/e"}}, {row.option, "/g"}), std::pair(std::string("/g"), Source::kGiven));
  }
}

TEST(PrecedenceTest, OfTheCloud) {
  struct Row {
    std::string endpoint_variable, state_variable, endpoint, state_dir;
    std::string expected_endpoint, expected_state_dir;
  };
  const std::vector<Row> rows{
      {"", "", "", "", "", "/x/kilonova"},       {"", "/es", "", "", "", "/es"},
      {"e:1", "", "", "", "e:1", "/x/kilonova"}, {"e:1", "/es", "", "", "e:1", "/es"},
      {"e:1", "/es", "", "/gs", "", "/gs"},      {"e:1", "", "", "/gs", "", "/gs"},
      {"e:1", "/es", "g:2", "", "g:2", "/es"},   {"e:1", "/es", "g:2", "/gs", "g:2", "/gs"},
      {"", "", "g:2", "/gs", "g:2", "/gs"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.endpoint_variable + " " + row.state_variable + " " + row.endpoint + " " + row.state_dir);
    std::vector<std::string> words;
    if (!row.endpoint.empty()) words.insert(words.end(), {"--endpoint", row.endpoint});
    if (!row.state_dir.empty()) words.insert(words.end(), {"--state-dir", row.state_dir});
    auto place = cloud_place(
        parsed({{"KILONOVA_ENDPOINT", row.endpoint_variable}, {"KILONOVA_STATE_DIR", row.state_variable}}, words));
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(place->endpoint, row.expected_endpoint);
    EXPECT_EQ(place->state_dir, row.expected_state_dir);
  }
}

TEST(PrecedenceTest, CertificatesOfTheEnvironmentAreOfItsEndpoint) {
  const Variables openrc{{"KILONOVA_ENDPOINT", "https://a:1"}, {"KILONOVA_STATE_DIR", "/a"}, {"OS_CACERT", "/a.pem"}};
  auto a = cloud_place(parsed(openrc, {}));
  ASSERT_TRUE(a);
  EXPECT_EQ(a->endpoint, "a:1");
  EXPECT_TRUE(a->https);
  EXPECT_EQ(a->tls.ca, "/a.pem");
  auto b = cloud_place(parsed(openrc, {"--state-dir", "/b"}));
  ASSERT_TRUE(b);
  EXPECT_EQ(b->tls.ca, "");
  EXPECT_FALSE(b->https);
  auto given = cloud_place(parsed(openrc, {"--state-dir", "/b", "--ca-file", "/b.pem"}));
  ASSERT_TRUE(given);
  EXPECT_EQ(given->tls.ca, "/b.pem");
}

TEST(CloudPlaceTest, WrongEndpointsAreNamedWithTheCure) {
  for (const std::string wrong :
       {"http://a:1", "ftp://a:1", "a", "a:", ":1", "a:0", "a:65536", "https://a", "https://a:1/v1", ""}) {
    auto place = cloud_place(parsed({}, {"--endpoint", wrong}));
    ASSERT_FALSE(place) << wrong;
    EXPECT_EQ(place.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(place.error().message, HasSubstr("--endpoint '" + wrong + "'"));
    EXPECT_THAT(place.error().message, HasSubstr("HOST:PORT, or https://HOST:PORT"));
  }
  auto variable = cloud_place(parsed({{"KILONOVA_ENDPOINT", "http://a:1"}}, {}));
  ASSERT_FALSE(variable);
  EXPECT_THAT(variable.error().message, HasSubstr("KILONOVA_ENDPOINT 'http://a:1'"));
  for (const std::string right : {"a:1", "[::1]:8775", "unix:/a/b.sock", "127.0.0.1:65535"}) {
    auto place = cloud_place(parsed({}, {"--endpoint", right}));
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(place->endpoint, right);
  }
  auto slash = cloud_place(parsed({}, {"--endpoint", "https://a:1/"}));
  ASSERT_TRUE(slash);
  EXPECT_EQ(slash->endpoint, "a:1");
}

TEST(CloudPlaceTest, AnEndpointHasNoProcesses) {
  EXPECT_FALSE(own_state_dir(parsed({}, {"--endpoint", "a:1"}), "kilonova down"));
  auto both = own_state_dir(parsed({}, {"--endpoint", "a:1", "--state-dir", "/s"}), "kilonova down");
  ASSERT_TRUE(both);
  EXPECT_EQ(*both, "/s");
  // Of openrc, which says both.
  auto sourced =
      own_state_dir(parsed({{"KILONOVA_ENDPOINT", "a:1"}, {"KILONOVA_STATE_DIR", "/s"}}, {}), "kilonova down");
  ASSERT_TRUE(sourced);
  EXPECT_EQ(*sourced, "/s");
}

}  // namespace
}  // namespace kilonova::cli
