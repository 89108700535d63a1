// What is shown of a URL of PostgreSQL, and which are refused.
#include "store/postgres_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kilonova {
namespace {

TEST(PostgresAddressTest, SaysWhereTheDatabaseIs) {
  EXPECT_EQ(postgres_address("postgresql://me@db.example:5433/cloud"), "postgresql://me@db.example:5433/cloud");
  EXPECT_EQ(postgres_address("postgres://db.example/cloud?sslmode=require"), "postgresql://db.example/cloud");
  EXPECT_EQ(postgres_address("postgresql://a,b/cloud"), "postgresql://a,b/cloud");
  EXPECT_EQ(postgres_address("postgresql:///cloud?host=/var/run/postgresql"),
            "postgresql:///cloud?host=/var/run/postgresql");
  EXPECT_EQ(postgres_address("postgresql://me@/cloud?host=/run&port=5433"),
            "postgresql://me@/cloud?host=/run&port=5433");
  EXPECT_EQ(postgres_address("postgresql://[::1]:5433/cloud"), "postgresql://[::1]:5433/cloud");
}

TEST(PostgresAddressTest, WhatIsNoUrlIsRefusedWithTheForm) {
  for (const char* url : {"", "cloud", "mysql://db/cloud", "/var/run/postgresql", "host=db dbname=cloud",
                          "postgresql://[::1/cloud", "postgresql://db/cloud?nonsense=1", "postgresql://db/%00"}) {
    auto address = postgres_address(url);
    ASSERT_FALSE(address.has_value()) << url;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(address.error().message, testing::HasSubstr("postgresql://USER@HOST:PORT/DATABASE"));
  }
}

TEST(PostgresAddressTest, APasswordIsRefusedAndNotRepeated) {
  for (const char* url : {"postgresql://me:hunter2@db/cloud", "postgresql://db/cloud?password=hunter2",
                          "postgresql://me:hunter2@db/%zz", "mysql://me:hunter2@db", "me:hunter2@db",
                          "host=db password=hunter2", "postgresql://me:hunter2@", "//:hunter2@"}) {
    auto address = postgres_address(url);
    ASSERT_FALSE(address.has_value()) << url;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(address.error().message, testing::Not(testing::HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace kilonova
