// kilonova.conf as text: what is read, what is refused and how, and that what is written is read again.
#include "daemon/config_file.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kilonova {
namespace {

std::string refusal(std::string_view text) {
  auto file = ConfigFile::parse("/c", text);
  if (file) return "it was read";
  EXPECT_EQ(file.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(file.error().message.find('\n'), std::string::npos);
  return file.error().message;
}

TEST(ConfigFile, SectionsKeysAndValuesAreRead) {
  auto file = ConfigFile::parse("/c",
                                "# a comment\n"
                                "\n"
                                "[DEFAULT]\r\n"
                                "log_level=debug\n"
                                "; another\n"
                                "  [ scheduler ]  \n"
                                "  enabled-filters =  UpFilter, CapacityFilter  \n"
                                "[api]\n"
                                "tls-key = \" /a b \"\n"
                                "tls-ca = \"\"\n"
                                "tls-certificate = a=b#c");
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->entries().size(), 5U);
  EXPECT_EQ(file->find("DEFAULT", "log-level")->value, "debug");
  EXPECT_EQ(file->find("scheduler", "enabled-filters")->value, "UpFilter, CapacityFilter");
  EXPECT_EQ(file->find("scheduler", "enabled-filters")->line, 7U);
  EXPECT_EQ(file->find("api", "tls-key")->value, " /a b ");
  EXPECT_EQ(file->find("api", "tls-ca")->value, "");
  EXPECT_EQ(file->find("api", "tls-certificate")->value, "a=b#c");
  EXPECT_EQ(file->find("api", "log-level"), nullptr);
}

TEST(ConfigFile, WhatIsWrongIsSaidWithItsLine) {
  EXPECT_EQ(refusal("[schedular]\n"), "/c:1: there is no section [schedular]; did you mean [scheduler]?");
  EXPECT_EQ(refusal("\n[x]\n"),
            "/c:2: there is no section [x]: there are [DEFAULT], [up], [controller], [scheduler], [network], "
            "[compute], [api]");
  EXPECT_EQ(refusal("[api\n"), "/c:1: '[api' has no ] at its end");
  EXPECT_EQ(refusal("[api]\nport\n"), "/c:2: 'port' is neither a [section] nor key = value");
  EXPECT_EQ(refusal("[api]\nPort = 1\n"), "/c:2: 'Port' is no key: it has small letters, digits and dashes");
  EXPECT_EQ(refusal("port = 1\n"), "/c:1: port stands before any section: [DEFAULT] is the one for all daemons");
  EXPECT_EQ(refusal("[api]\na_b = 1\n\na-b = 2\n"), "/c:4: [api] a-b stands in line 2 already");
  EXPECT_EQ(refusal(std::string("[api]\na = \0\n", 12)), "/c:2: a control character; the file is text");
  EXPECT_NE(refusal(std::string((1 << 20) + 1, '\n')).find("no configuration file"), std::string::npos);
}

TEST(ConfigFile, WhatIsWrittenIsReadAgain) {
  ConfigFile file("/c");
  const std::vector<std::string> values{"", " ", "x", " x ", "\"", "\"\"", "a\"b", "a = b", "[x]", "#", "a,b"};
  for (size_t i = 0; i < values.size(); ++i) file.set(i % 2 ? "api" : "DEFAULT", "key-" + std::to_string(i), values[i]);
  auto again = ConfigFile::parse("/c", file.text());
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->entries().size(), values.size());
  for (const ConfigEntry& entry : file.entries()) EXPECT_EQ(again->find(entry.section, entry.key)->value, entry.value);
  EXPECT_EQ(again->text(), file.text());
}

TEST(ConfigFile, SettingReplacesAndErasingTakesAway) {
  ConfigFile file("/c");
  file.set("api", "a", "1");
  file.set("api", "a", "2");
  file.set("compute", "a", "3");
  EXPECT_EQ(file.entries().size(), 2U);
  file.erase("api", "a");
  file.erase("api", "a");
  EXPECT_EQ(file.find("api", "a"), nullptr);
  EXPECT_EQ(file.find("compute", "a")->value, "3");
}

TEST(ConfigFile, AFileThatIsNotThereIsNamed) {
  auto file = ConfigFile::read("/no/such/file");
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
  EXPECT_NE(file.error().message.find("/no/such/file"), std::string::npos);
}

}  // namespace
}  // namespace kilonova
