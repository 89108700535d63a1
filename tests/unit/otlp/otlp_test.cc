#include "otlp/otlp.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace kilonova::otlp {
namespace {

using Json = nlohmann::json;

const Uuid kServer = *parse_uuid("5c1f0d6e-0000-4000-8000-00000000002a");
const Uuid kTrace = *parse_uuid("0af7651916cd43dd8448eb211c80319c");

StepSpan span(LaunchStep step, std::string daemon, uint64_t epoch = 0) {
  return {.instance = kServer,
          .trace_id = kTrace,
          .record = {.step = step,
                     .epoch = epoch,
                     .attempt = 1,
                     .daemon = std::move(daemon),
                     .start = WallTime{1'795'442'709'123'456},
                     .duration = microseconds(40)}};
}

Json encoded(const std::vector<StepSpan>& spans) { return Json::parse(to_json(spans)); }

TEST(Otlp, AFirstStepIsTheSpanAboveTheOthers) {
  StepSpan first = span(LaunchStep::kRequestAccepted, "api-0", 1);
  first.client_span = 0x00f067aa0ba902b7;
  const Json json = encoded({first, span(LaunchStep::kClaimed, "compute-3", 1)});
  ASSERT_EQ(json["resourceSpans"].size(), 2u);
  const Json& top = json["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  const Json& below = json["resourceSpans"][1]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(top["traceId"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(top["parentSpanId"], "00f067aa0ba902b7");
  EXPECT_EQ(top["name"], "request_accepted");
  EXPECT_EQ(top["kind"], 2);
  EXPECT_EQ(top["startTimeUnixNano"], "1795442709123456000");
  EXPECT_EQ(top["endTimeUnixNano"], "1795442709123496000");
  EXPECT_FALSE(top.contains("status"));
  EXPECT_EQ(below["parentSpanId"], top["spanId"]);
  EXPECT_EQ(below["kind"], 1);
  EXPECT_EQ(json["resourceSpans"][1]["resource"]["attributes"][1]["value"]["stringValue"], "kilonova-compute");
  EXPECT_EQ(json["resourceSpans"][1]["resource"]["attributes"][2]["value"]["stringValue"], "compute-3");
}

TEST(Otlp, AStepWithoutAClientHasNoParentAndAnIdAllTheSame) {
  StepSpan first = span(LaunchStep::kRequestAccepted, "api-0");
  first.trace_id = Uuid{};
  const Json json = encoded({first})["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_FALSE(json.contains("parentSpanId"));
  EXPECT_EQ(json["traceId"], "5c1f0d6e00004000800000000000002a");
}

TEST(Otlp, AFailedStepIsAnErrorWithItsReason) {
  StepSpan failed = span(LaunchStep::kClaimed, "compute-0", 1);
  failed.record.fault = "the host's \"disk\" is full";
  failed.record.host = "host-\xff";
  failed.record.fault_rule = 7;
  const Json json = encoded({failed})["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(json["status"]["code"], 2);
  EXPECT_EQ(json["status"]["message"], "the host's \"disk\" is full");
  EXPECT_EQ(json["attributes"][4]["value"]["stringValue"], "host-\xef\xbf\xbd") << "broken UTF-8 is replaced";
  EXPECT_EQ(json["attributes"][5]["value"]["intValue"], "7");
}

TEST(Otlp, SpansOfOneDaemonStandTogether) {
  const Json json =
      encoded({span(LaunchStep::kScheduleCast, "controller-0", 1), span(LaunchStep::kRunCast, "scheduler-0", 1),
               span(LaunchStep::kActive, "controller-0", 1)});
  ASSERT_EQ(json["resourceSpans"].size(), 2u);
  EXPECT_EQ(json["resourceSpans"][0]["scopeSpans"][0]["spans"].size(), 2u);
}

TEST(Otlp, EveryStepOfEveryPlacementHasAnIdOfItsOwnButTheFirstIsOne) {
  std::set<uint64_t> ids;
  for (uint64_t epoch = 0; epoch < 50; ++epoch)
    for (const LaunchStepInfo& info : launch_steps())
      ids.insert(span_id_of(kServer, StepRecord{.step = info.step, .epoch = epoch}));
  EXPECT_EQ(ids.size(), 50 * (launch_steps().size() - 1) + 1);
  EXPECT_FALSE(ids.contains(0));
}

TEST(Otlp, NothingIsAnEmptyRequest) { EXPECT_EQ(to_json({}), "{\"resourceSpans\":[]}"); }

}  // namespace
}  // namespace kilonova::otlp
