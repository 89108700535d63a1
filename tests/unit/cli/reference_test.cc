// What is made of the declarations: help pages, the reference, man pages, completion.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/output/text.h"
#include "cli/reference/complete.h"
#include "cli/reference/help_page.h"
#include "cli/reference/pages.h"

namespace kilonova::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class ReferenceTest : public testing::Test {
 protected:
  ReferenceTest() : app_("An OpenStack Nova control plane", "kilonova") {
    add_commands(app_, globals_);
    root_ = describe(app_);
    collect(root_);
  }

  void collect(const CommandDoc& command) {
    commands_.push_back(&command);
    for (const CommandDoc& below : command.commands) collect(below);
  }

  static size_t widest(const std::string& text) {
    size_t widest = 0;
    for (size_t begin = 0; begin < text.size();) {
      size_t end = std::min(text.find('\n', begin), text.size());
      widest = std::max(widest, display_width(text.substr(begin, end - begin)));
      begin = end + 1;
    }
    return widest;
  }

  Globals globals_;
  CLI::App app_;
  CommandDoc root_;
  std::vector<const CommandDoc*> commands_;
};

TEST_F(ReferenceTest, NoHelpPageIsWiderThanAskedFor) {
  EXPECT_GT(commands_.size(), 60u);
  for (const CommandDoc* command : commands_)
    for (size_t width : {80u, 60u}) EXPECT_LE(widest(help_page(*command, width)), width) << command->path;
}

TEST_F(ReferenceTest, EveryPageHasEveryOptionAndDescribesIt) {
  std::string reference = markdown_page(root_);
  for (const CommandDoc* command : commands_) {
    EXPECT_FALSE(command->description.empty()) << command->path;
    if (command != &root_) EXPECT_THAT(reference, HasSubstr(" " + command->path + "\n")) << "the page's own title";
    std::string page = help_page(*command);
    for (const OptionDoc& option : command->options) {
      EXPECT_FALSE(option.description.empty()) << command->path << " " << option.names.front();
      EXPECT_THAT(page, HasSubstr(option.names.back()));
    }
  }
  EXPECT_LE(widest(reference), 80u);
}

TEST_F(ReferenceTest, AManPageForEachCommand) {
  auto pages = man_pages(root_);
  EXPECT_EQ(pages.size(), commands_.size());
  auto page = std::ranges::find(pages, "kilonova-server-create.1", &std::pair<std::string, std::string>::first);
  ASSERT_NE(page, pages.end());
  EXPECT_THAT(page->second, HasSubstr(".SH SYNOPSIS"));
  EXPECT_THAT(page->second, HasSubstr("\\-\\-flavor FLAVOR"));
}

TEST_F(ReferenceTest, CompletionKnowsEveryCommandAndOption) {
  for (const CommandDoc* command : commands_) {
    std::vector<std::string> words;
    for (size_t begin = command->path.find(' '); begin != std::string::npos;) {
      size_t end = command->path.find(' ', begin + 1);
      words.push_back(command->path.substr(begin + 1, end == std::string::npos ? end : end - begin - 1));
      begin = end;
    }
    words.push_back("--");
    auto options = complete(root_, words).words;
    for (const OptionDoc& option : command->options)
      if (option.names.back().starts_with("--")) EXPECT_THAT(options, Contains(option.names.back())) << command->path;
    EXPECT_THAT(options, Contains("--state-dir")) << command->path;
  }
}

TEST_F(ReferenceTest, CompletionKnowsWhatAValueIs) {
  EXPECT_THAT(complete(root_, {"server", "rebo"}).words, ElementsAre("reboot"));
  EXPECT_THAT(complete(root_, {"-f", "ja"}).words, ElementsAre());
  EXPECT_THAT(complete(root_, {"server", "list", "-f", "j"}).words, ElementsAre("json"));
  EXPECT_THAT(complete(root_, {"fault", "add", "--step", "guest_s"}).words, ElementsAre("guest_started"));
  EXPECT_EQ(complete(root_, {"server", "show", ""}).kind, "SERVER");
  EXPECT_EQ(complete(root_, {"server", "delete", "a", "b", ""}).kind, "SERVER");
  EXPECT_EQ(complete(root_, {"--state-dir", "/x", "server", "create", "--flavor", ""}).kind, "FLAVOR");
  EXPECT_EQ(complete(root_, {"server", "list", "--host", "h"}).kind, "HOST");
  EXPECT_EQ(complete(root_, {"replay", "--requests", ""}).kind, "FILE");
  EXPECT_EQ(complete(root_, {"server", "show", "a", ""}).kind, "");
}

TEST_F(ReferenceTest, ExitCodesAreAPage) {
  EXPECT_THAT(exit_codes_page(), HasSubstr("| 4 | `not_found` |"));
  EXPECT_THAT(exit_codes_page(), HasSubstr("| 12 | `deadline_exceeded` |"));
}

}  // namespace
}  // namespace kilonova::cli
