// One rendering for every list and show command: each format, -c, --sort-column, -q.
#include "cli/output/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/output/yaml.h"

namespace kilonova::cli {
namespace {

using testing::HasSubstr;

Records sample() {
  Records records(
      {{"ID", "id", Align::kLeft, 0, CellKind::kId}, {"Name", "name"}, {"RAM MiB", "memory_mb", Align::kRight}});
  records.add({"b-1", "web, \"two\"", "2048"},
              Json{{"id", "b-1"}, {"name", "web, \"two\""}, {"memory_mb", 2048}, {"host", "h1"}});
  records.add({"a-2", "db", "512"}, Json{{"id", "a-2"}, {"name", "db"}, {"memory_mb", 512}, {"host", nullptr}});
  return records;
}

std::string rendered(const OutputStyle& style) {
  auto text = sample().render(style);
  EXPECT_TRUE(text) << text.error().message;
  return text.value_or("");
}

TEST(RecordsTest, ATable) {
  EXPECT_EQ(rendered({}),
            "ID   Name        RAM MiB\n"
            "b-1  web, \"two\"     2048\n"
            "a-2  db              512\n");
}

TEST(RecordsTest, JsonIsTheWholeObjects) {
  Json json = Json::parse(rendered({.format = Format::kJson}));
  EXPECT_EQ(json, Json::parse(R"([{"id":"b-1","name":"web, \"two\"","memory_mb":2048,"host":"h1"},
                                  {"id":"a-2","name":"db","memory_mb":512,"host":null}])"));
}

TEST(RecordsTest, YamlIsTheSame) {
  EXPECT_EQ(rendered({.format = Format::kYaml}),
            "- id: b-1\n  name: \"web, \\\"two\\\"\"\n  memory_mb: 2048\n  host: h1\n"
            "- id: a-2\n  name: db\n  memory_mb: 512\n  host: null\n");
}

TEST(RecordsTest, CsvIsQuotedAndHasTitles) {
  EXPECT_EQ(rendered({.format = Format::kCsv}), "ID,Name,RAM MiB\nb-1,\"web, \"\"two\"\"\",2048\na-2,db,512\n");
}

TEST(RecordsTest, ValuesStandAlone) {
  EXPECT_EQ(rendered({.format = Format::kValue}), "b-1 web, \"two\" 2048\na-2 db 512\n");
}

TEST(RecordsTest, QuietIsIds) { EXPECT_EQ(rendered({.quiet = true}), "b-1\na-2\n"); }

TEST(RecordsTest, ColumnsByTitleKeyOrAnyOtherKey) {
  EXPECT_EQ(rendered({.format = Format::kValue, .columns = {"name"}}), "web, \"two\"\ndb\n");
  EXPECT_EQ(rendered({.format = Format::kValue, .columns = {"ram mib", "ID"}}), "2048 b-1\n512 a-2\n");
  EXPECT_EQ(rendered({.format = Format::kValue, .columns = {"host"}}), "h1\n\n");
  EXPECT_EQ(Json::parse(rendered({.format = Format::kJson, .columns = {"memory_mb", "host"}})),
            Json::parse(R"([{"memory_mb":2048,"host":"h1"},{"memory_mb":512,"host":null}])"));
  auto wrong = sample().render({.columns = {"nope"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(wrong.error().message, "there is no column 'nope': there are ID, Name, RAM MiB, host");
}

TEST(RecordsTest, SortsNumbersAsNumbersAndTextsAsTexts) {
  EXPECT_EQ(rendered({.format = Format::kValue, .columns = {"id"}, .sort_columns = {"memory_mb"}}), "a-2\nb-1\n");
  EXPECT_EQ(rendered({.format = Format::kValue, .columns = {"id"}, .sort_columns = {"name"}}), "a-2\nb-1\n");
  EXPECT_EQ(rendered({.format = Format::kValue, .columns = {"id"}, .sort_columns = {"id"}, .sort_descending = true}),
            "b-1\na-2\n");
  EXPECT_FALSE(sample().render({.sort_columns = {"nope"}}));
}

TEST(RecordsTest, OneRecordInEveryFormat) {
  FieldTexts fields{{"id", "7"}, {"name", "web"}};
  Json object{{"id", 7}, {"name", "web"}, {"epoch", 3}};
  auto text = [&](const OutputStyle& style) { return render_record(style, fields, object).value_or("?"); };
  EXPECT_EQ(text({}), "id    7\nname  web\n");
  EXPECT_EQ(Json::parse(text({.format = Format::kJson})), object);
  EXPECT_EQ(text({.format = Format::kYaml}), "id: 7\nname: web\nepoch: 3\n");
  EXPECT_EQ(text({.format = Format::kCsv}), "id,name\n7,web\n");
  EXPECT_EQ(text({.format = Format::kValue, .columns = {"epoch"}}), "3\n");
  EXPECT_EQ(text({.quiet = true}), "7\n");
  EXPECT_FALSE(render_record({.columns = {"nope"}}, fields, object));
}

TEST(YamlTest, WhatCouldBeTakenForSomethingElseIsQuoted) {
  Json json{{"a", "true"}, {"b", "1.0"}, {"c", ""}, {"d", "x: y"}, {"e", Json::array()}, {"f", {{"g", {1, "two"}}}},
            {"h", "a\nb"}};
  EXPECT_EQ(to_yaml(json),
            "a: \"true\"\nb: \"1.0\"\nc: \"\"\nd: \"x: y\"\ne: []\nf:\n  g:\n  - 1\n  - two\nh: \"a\\nb\"\n");
  EXPECT_EQ(to_yaml(Json::array()), "[]\n");
  EXPECT_EQ(to_yaml(Json{{{"x", 1}}, {{"y", 2}}}), "- x: 1\n- \"y\": 2\n");
}

}  // namespace
}  // namespace kilonova::cli
