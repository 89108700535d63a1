#include "cli/up/clouds_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace kilonova::up {
namespace {

using ::testing::HasSubstr;

TEST(CloudsYaml, HasTheEntriesThatClientsLookFor) {
  std::string text = clouds_yaml({"http://127.0.0.1:8774/identity", "a", "d"});
  for (const char* entry : {"\n  devstack:\n", "\n  devstack-admin:\n", "\n  functional_admin:\n",
                            "auth_url: \"http://127.0.0.1:8774/identity\"\n"})
    EXPECT_THAT(text, HasSubstr(entry));
  EXPECT_EQ(text.find('\t'), std::string::npos);
}

TEST(CloudsYaml, PasswordsReadBack) {
  for (const char* password : {"kilonova", "with \"quotes\" and \\", "# : - '", "\n", "\xc3\xa9"}) {
    std::string text = clouds_yaml({"http://h", password, "other"});
    EXPECT_EQ(password_in(text, "admin"), password);
    EXPECT_EQ(password_in(text, "demo"), "other");
  }
}

TEST(CloudsYaml, TextsOfOthersHaveNoPassword) {
  for (const char* text : {"", "clouds:\n", "username: admin\npassword: plain\n", "password: \"x\"\n", "\xff\n"})
    EXPECT_EQ(password_in(text, "admin"), "") << text;
}

}  // namespace
}  // namespace kilonova::up
