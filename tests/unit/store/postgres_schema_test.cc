// The steps of SQLite's schemas in PostgreSQL's words. That the server takes them all, the contract tests see.
#include "store/postgres_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace kilonova {
namespace {

TEST(PostgresSchemaTest, TypesAreNamedInItsWords) {
  EXPECT_EQ(
      in_postgres_words("CREATE TABLE a (id BLOB PRIMARY KEY, n INTEGER NOT NULL, t TEXT NOT NULL, r REAL) STRICT;"),
      "CREATE TABLE a (id uuid PRIMARY KEY, n bigint NOT NULL, t bytea NOT NULL, r double precision) ;");
  EXPECT_EQ(in_postgres_words("CREATE TABLE a (id BLOB PRIMARY KEY)\n  STRICT, WITHOUT ROWID;"),
            "CREATE TABLE a (id uuid PRIMARY KEY)\n  ;");
  EXPECT_EQ(in_postgres_words("ALTER TABLE a ADD COLUMN s BLOB NOT NULL DEFAULT x'00ff';"),
            "ALTER TABLE a ADD COLUMN s uuid NOT NULL DEFAULT '00ff';");
}

TEST(PostgresSchemaTest, OtherWordsStay) {
  for (const char* text :
       {"TEXTS INTEGERS CONTEXT BLOB_ REALLY xINTEGER", "max'x", "INSERT INTO counters VALUES (1, 0, 0)"})
    EXPECT_EQ(in_postgres_words(text), text);
}

TEST(PostgresSchemaTest, NoStepKeepsAWordOfSqlite) {
  for (const Schema* schema : {&kControllerSchema, &kNetworkSchema}) {
    for (const SchemaStep& step : schema->steps) {
      const std::string text = in_postgres_words(step.sql);
      for (const char* word : {"INTEGER", "TEXT", "BLOB", "REAL", "STRICT", "ROWID", "AUTOINCREMENT", "PRAGMA", "x'"})
        EXPECT_THAT(text, testing::Not(testing::HasSubstr(word)));
    }
  }
}

// A step's function rewrites the rows of SQLite that an earlier version wrote. PostgreSQL's stores began behind these.
TEST(PostgresSchemaTest, NoStepBehindItsBeginningRewritesRowsOfSqliteAlone) {
  for (const SchemaStep& step : kControllerSchema.steps.subspan(15)) EXPECT_EQ(step.rewrite, nullptr);
  for (const SchemaStep& step : kNetworkSchema.steps.subspan(3)) EXPECT_EQ(step.rewrite, nullptr);
}

}  // namespace
}  // namespace kilonova
