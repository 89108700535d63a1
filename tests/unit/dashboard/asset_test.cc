// The files of the page: they are there, refer to each other, and say what the code says.
#include "api-server/front/dashboard/asset.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "domain/launch_steps.h"

namespace kilonova::api::dashboard {
namespace {

std::string text_of(std::string_view name) {
  const Asset* asset = find_asset(name);
  EXPECT_NE(asset, nullptr) << name;
  return asset == nullptr ? "" : std::string(asset->bytes);
}

TEST(Asset, HasTypeAndTagOfItsOwn) {
  std::set<std::string_view> names, tags;
  for (const Asset& asset : assets()) {
    EXPECT_TRUE(names.insert(asset.name).second) << asset.name;
    EXPECT_TRUE(tags.insert(asset.etag).second) << asset.name;
    EXPECT_FALSE(asset.bytes.empty()) << asset.name;
    EXPECT_EQ(asset.etag.size(), 18u) << asset.etag;
  }
  ASSERT_NE(find_asset("app.js"), nullptr);
  EXPECT_EQ(find_asset("app.js")->type, "text/javascript; charset=utf-8");
  EXPECT_EQ(find_asset("style.css")->type, "text/css; charset=utf-8");
  EXPECT_EQ(find_asset("index.html")->type, "text/html; charset=utf-8");
  EXPECT_EQ(find_asset("icon.svg")->type, "image/svg+xml");
  EXPECT_EQ(find_asset("uplot/LICENSE")->type, "text/plain; charset=utf-8");
  EXPECT_EQ(find_asset("nothing.js"), nullptr);
}

TEST(Asset, IsWhatStandsInTheTree) {
  EXPECT_TRUE(text_of("index.html").starts_with("<!doctype html>\n"));
  EXPECT_TRUE(text_of("index.html").ends_with("</html>\n"));
  EXPECT_GT(text_of("uplot/uPlot.js").size(), 100'000u);
}

// Every script that another one imports is there.
TEST(Asset, FindsWhatItImports) {
  size_t imports = 0;
  for (const Asset& asset : assets()) {
    if (asset.name.find('/') != std::string_view::npos || !asset.name.ends_with(".js")) continue;
    constexpr std::string_view kFrom = " from \"./";
    for (size_t at = asset.bytes.find(kFrom); at != std::string_view::npos; at = asset.bytes.find(kFrom, at + 1)) {
      const size_t begin = at + kFrom.size();
      const std::string_view name = asset.bytes.substr(begin, asset.bytes.find('"', begin) - begin);
      EXPECT_NE(find_asset(name), nullptr) << asset.name << " imports " << name;
      ++imports;
    }
  }
  EXPECT_GT(imports, 20u);
}

// The page's own text becomes markup nowhere: no inline script or style, which the policy would not run, and no HTML
// made of strings.
TEST(Asset, MakesNoMarkupOfText) {
  for (const Asset& asset : assets()) {
    if (asset.name.find('/') != std::string_view::npos) continue;
    for (const char* forbidden : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                                  "dangerouslySet", "<style", "onload=", "javascript:"})
      EXPECT_EQ(asset.bytes.find(forbidden), std::string_view::npos) << asset.name << " has " << forbidden;
  }
}

TEST(Asset, NamesTheStepsOfTheCode) {
  const std::string steps = text_of("steps.js");
  size_t at = 0;
  for (const LaunchStepInfo& step : launch_steps()) {
    const std::string row = fmt::format("{{ name: \"{}\", article: \"{}\", daemon: \"{}\" }},", step.name, step.article,
                                        to_string(step.daemon));
    const size_t found = steps.find(row, at);
    EXPECT_NE(found, std::string::npos) << row;
    at = found == std::string::npos ? at : found;
  }
}

TEST(Asset, IsKnownToWhoShowsItsTag) {
  const Asset asset{"a.js", "text/javascript", "1", "\"abc\""};
  EXPECT_TRUE(has_already(asset, "\"abc\""));
  EXPECT_TRUE(has_already(asset, "\"x\", W/\"abc\""));
  EXPECT_TRUE(has_already(asset, "*"));
  EXPECT_FALSE(has_already(asset, ""));
  EXPECT_FALSE(has_already(asset, "abc"));
  EXPECT_FALSE(has_already(asset, "\"abcd\""));
}

}  // namespace
}  // namespace kilonova::api::dashboard
