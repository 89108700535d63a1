// Texts of version 1, literally as it wrote them.
#include "store/version_1_text.h"

#include <gtest/gtest.h>

#include <string>

#include "store/codec.h"
#include "store/launch_record_codec.h"
#include "store/visit.h"

namespace kilonova {
namespace {

using namespace std::string_literals;

const std::string kUuid(32, 'a');

TEST(Version1TextTest, ARequestSpecKeepsItsValues) {
  auto text = request_spec_of_version_1(kUuid + "\t\t" + "1\tm1.tiny\t1\t512\t1\t0\t0\t1\t" + "\tcirros\t16300544\t" +
                                        "2\t" + kUuid + "\t" + kUuid + "\t" + "key\\t\tnova\t\t" + "1\tdefault\t");
  ASSERT_TRUE(text.has_value()) << text.error().message;
  auto spec = decode_text<RequestSpec>(*text);
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  EXPECT_EQ(to_string(spec->project_id).substr(0, 4), "aaaa");
  EXPECT_EQ(spec->flavor, (Flavor{"1", "m1.tiny", 1, 512, 1, 0, 0, true}));
  EXPECT_EQ(spec->image, (ImageRef{Uuid{}, "cirros", 16'300'544}));
  EXPECT_EQ(spec->networks.size(), 2u);
  EXPECT_EQ(spec->key_name, "key\t");
  EXPECT_EQ(spec->availability_zone, "nova");
  EXPECT_EQ(spec->security_groups, std::vector<std::string>{"default"});
}

TEST(Version1TextTest, AddressesKeepTheirValues) {
  EXPECT_EQ(addresses_of_version_1("").value_or("x"), "");
  const std::string one = kUuid + "\tprivate\t0\t167772162\t8\t167772161\t275024416\t100\tbr100\t99\t";
  auto text = addresses_of_version_1("2\t" + one + one);
  ASSERT_TRUE(text.has_value()) << text.error().message;
  auto addresses = decode_text<std::vector<Address>>(*text);
  ASSERT_TRUE(addresses.has_value()) << addresses.error().message;
  ASSERT_EQ(addresses->size(), 2u);
  EXPECT_EQ(to_string(addresses->at(1).ip), "10.0.0.2");
  EXPECT_EQ(addresses->at(1).lease_expires_at.us, 99);
}

TEST(Version1TextTest, ALaunchRecordKeepsItsStepsAndDecisions) {
  auto text = launch_record_of_version_1(
      "0\ts\t1\t7\t50\t9\t1\t1\tapi-0\ts\t7\t12\t3\t2\tcompute-0\thost-1\t"
      "d\t1\t1\tscheduler-0\tfilter\t3\t2\tComputeFilter\t2\tRamFilter\t1\t"
      "1\thost-1\t1.5\t1\tRAMWeigher\t0.5\t1\thost-1\t1\thost-2\t0\t\t"
      "0\ts\t13\t16\t1\t1\tno disk\t"s);
  ASSERT_TRUE(text.has_value()) << text.error().message;
  LaunchRecordRows rows;
  auto read = decode_launch_record(*text, rows);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(rows.steps.size(), 3u);
  EXPECT_EQ(rows.steps[1].host, "host-1");
  EXPECT_EQ(rows.steps[1].start.us, 53);
  EXPECT_EQ(rows.steps[2].fault, "no disk");
  Decision expected{.epoch = 1,
                    .attempt = 1,
                    .scheduler = "scheduler-0",
                    .driver = "filter",
                    .hosts_total = 3,
                    .filters = {{"ComputeFilter", 2}, {"RamFilter", 1}},
                    .weighed = {{"host-1", 1.5, {{"RAMWeigher", 0.5, 1}}}},
                    .chosen = "host-1",
                    .alternates = {"host-2"}};
  EXPECT_EQ(rows.decisions, std::vector<Decision>{expected});
}

TEST(Version1TextTest, WhatVersion1DidNotWriteIsRefused) {
  for (const std::string& text : {""s, "a\tb\t"s, std::string(3, '\t'), kUuid})
    EXPECT_EQ(request_spec_of_version_1(text).error().code, ErrorCode::kDataLoss) << text;
  for (const std::string& text : {"1\t"s, "99999999999\t"s, "4294967295\ta\t"s, "one\t"s, "0\tx\t"s})
    EXPECT_EQ(addresses_of_version_1(text).error().code, ErrorCode::kDataLoss) << text;
  for (const std::string& text : {"x\t"s, "s\t1\t"s, "d\t1\t"s, "s\t1\t31\t0\t0\t1\t"s})
    EXPECT_EQ(launch_record_of_version_1(text).error().code, ErrorCode::kDataLoss) << text;
  for (const std::string& text : {""s, "put\t"s, "erase\th\t"s, "got\t"s})
    EXPECT_EQ(guest_change_of_version_1(text).error().code, ErrorCode::kDataLoss) << text;
}

}  // namespace
}  // namespace kilonova
