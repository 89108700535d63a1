#include "domain/decision_text.h"

#include <gtest/gtest.h>

namespace kilonova {
namespace {

Decision sample() {
  return {.epoch = 2,
          .attempt = 2,
          .scheduler = "scheduler-0",
          .driver = "filter",
          .hosts_total = 3,
          .filters = {{"UpFilter", 3}, {"CapacityFilter", 2}},
          .weighed = {{"host 1", 1.5, {{"CPUWeigher", 63, 1, 1}, {"RAMWeigher", 0.1, 0.5, -2.5}}}, {"host-2", 1e-9, {}}},
          .chosen = "host 1",
          .alternates = {"host-2", "host-3"},
          .from_alternates = true,
          .reason = "because",
          .explanation = "there is room",
          .ratios = {16, 1.5, 1}};
}

TEST(DecisionText, ReadsBackEqual) {
  EXPECT_EQ(parse_decision(to_text(sample())), sample());
  EXPECT_EQ(parse_decision(to_text(Decision())), Decision());
}

TEST(DecisionText, NamesCannotForgeALine) {
  Decision decision = sample();
  decision.reason = "no\nchosen\thost-9";
  auto read = parse_decision(to_text(decision));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->chosen, "host 1");
  EXPECT_EQ(read->reason, "no chosen host-9");
}

TEST(DecisionText, OtherTextsAreNone) {
  for (const char* text : {"", "try", "try\t1\t2\ts\tfilter", "try\t1\tx\ts\tfilter\t3", "try\t1\t1\ts\tf\t3\nnothing\tx",
                           "try\t1\t1\ts\tf\t3\nfilter\tf\t-1", "try\t1\t1\ts\tf\t3\nweighed\ta\t1\tw\t2",
                           "try\t1\t1\ts\tf\t3\n"})
    EXPECT_EQ(parse_decision(text), std::nullopt) << text;
}

}  // namespace
}  // namespace kilonova
