#include "otlp/otlp.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "rpc/otlp/otlp_request.h"

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

Json encoded(const std::vector<Span>& spans) { return Json::parse(to_json(spans)); }

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

TEST(Otlp, AnActionIsAboveItsEventsInTheClientsTrace) {
  InstanceAction stop{.instance = kServer,
                      .number = 3,
                      .action = "stop",
                      .request_id = *parse_uuid("11111111-2222-4333-8444-555555555555"),
                      .started_at = WallTime{1'000'000},
                      .finished_at = WallTime{3'000'000},
                      .host = "h1",
                      .failed = true,
                      .message = "the guest does not answer"};
  stop.events = {{"compute_stop_instance", WallTime{2'000'000}, WallTime{3'000'000}, "h1", true}};
  std::vector<Span> spans;
  for (ActionSpan& one : spans_of({.trace_id = kTrace, .span_id = 5}, stop)) spans.emplace_back(std::move(one));
  const Json json = encoded(spans);
  ASSERT_EQ(json["resourceSpans"].size(), 1u);
  EXPECT_EQ(json["resourceSpans"][0]["resource"]["attributes"][2]["value"]["stringValue"], "controller-0");
  const Json& of = json["resourceSpans"][0]["scopeSpans"][0]["spans"];
  ASSERT_EQ(of.size(), 2u);
  EXPECT_EQ(of[0]["name"], "stop");
  EXPECT_EQ(of[0]["traceId"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(of[0]["parentSpanId"], "0000000000000005");
  EXPECT_EQ(of[0]["startTimeUnixNano"], "1000000000");
  EXPECT_EQ(of[0]["endTimeUnixNano"], "3000000000");
  EXPECT_EQ(of[0]["status"]["message"], "the guest does not answer");
  EXPECT_EQ(of[0]["attributes"][2]["value"]["stringValue"], "req-11111111-2222-4333-8444-555555555555");
  EXPECT_EQ(of[1]["name"], "compute_stop_instance");
  EXPECT_EQ(of[1]["parentSpanId"], of[0]["spanId"]);
  EXPECT_NE(of[1]["spanId"], of[0]["spanId"]);
  EXPECT_EQ(of[1]["attributes"][3]["value"]["stringValue"], "h1");
}

TEST(Otlp, AnActionWhoseRequestIsForgottenIsInATraceOfTheRequestsId) {
  const InstanceAction action{.instance = kServer, .number = 1, .action = "reboot", .request_id = kTrace};
  const Json json = encoded({spans_of({}, action).front()})["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(json["traceId"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_FALSE(json.contains("parentSpanId"));
}

// The two encodings say the same.
TEST(Otlp, ProtobufHasWhatJsonHas) {
  StepSpan failed = span(LaunchStep::kClaimed, "compute-0", 1);
  failed.record.fault = "full";
  failed.record.host = "host-\xff";
  const std::vector<Span> spans{span(LaunchStep::kRequestAccepted, "api-0", 1), failed};
  const auto request = to_request(spans);
  const Json json = encoded(spans);
  ASSERT_EQ(request.resource_spans_size(), 2);
  for (int i = 0; i < 2; ++i) {
    const auto& of = request.resource_spans(i).scope_spans(0).spans(0);
    const Json& same = json["resourceSpans"][static_cast<size_t>(i)]["scopeSpans"][0]["spans"][0];
    std::string id;
    for (char byte : of.span_id()) id += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    EXPECT_EQ(id, same["spanId"].get<std::string>());
    EXPECT_EQ(of.name(), same["name"].get<std::string>());
    EXPECT_EQ(of.kind(), same["kind"].get<int>());
    EXPECT_EQ(std::to_string(of.start_time_unix_nano()), same["startTimeUnixNano"].get<std::string>());
    EXPECT_EQ(std::to_string(of.end_time_unix_nano()), same["endTimeUnixNano"].get<std::string>());
    EXPECT_EQ(of.trace_id(), std::string(reinterpret_cast<const char*>(kTrace.bytes.data()), 16));
    ASSERT_EQ(static_cast<size_t>(of.attributes_size()), same["attributes"].size());
  }
  const auto& below = request.resource_spans(1).scope_spans(0).spans(0);
  EXPECT_EQ(below.status().code(), 2);
  EXPECT_EQ(below.status().message(), "full");
  EXPECT_EQ(below.attributes(4).value().string_value(), "host-\xef\xbf\xbd");
  EXPECT_EQ(below.parent_span_id(), request.resource_spans(0).scope_spans(0).spans(0).span_id());
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
