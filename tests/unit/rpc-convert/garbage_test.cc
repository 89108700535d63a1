// Whatever bytes arrive: a message or kInvalidArgument that names the field, never a crash.
#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "rpc/convert/convert.h"
#include "rpc/convert/decoder.h"
#include "tests/unit/rpc-convert/fill.h"

namespace kilonova::rpc {
namespace {

using testing::HasSubstr;

std::string refusal(const v1::Envelope& envelope) {
  auto message = from_proto(envelope);
  if (message) return "";
  EXPECT_EQ(message.error().code, ErrorCode::kInvalidArgument);
  return message.error().message;
}

TEST(Garbage, EachRefusalNamesTheFieldAndTheValue) {
  v1::Envelope envelope;
  EXPECT_THAT(refusal(envelope), HasSubstr("Envelope: no body is set"));

  envelope.mutable_instance_terminated()->mutable_placement()->set_instance("short");
  EXPECT_EQ(refusal(envelope), "InstanceTerminated.placement.instance: an id has 16 bytes, not 5");

  auto* report = envelope.mutable_instance_report();
  report->set_result(v1::BUILD_RESULT_ACTIVE);
  report->add_steps()->set_step(v1::LAUNCH_STEP_ACTIVE);
  report->add_steps()->set_step(static_cast<v1::LaunchStep>(77));
  EXPECT_THAT(refusal(envelope), HasSubstr("InstanceReport.steps[1].step: 77 is not a LaunchStep: "));

  report->clear_steps();
  report->set_result(v1::BUILD_RESULT_UNSPECIFIED);
  EXPECT_THAT(refusal(envelope), HasSubstr("InstanceReport.result: 0 is not a BuildResult: BUILD_RESULT_PROGRESS (1)"));

  report->set_result(v1::BUILD_RESULT_ACTIVE);
  report->add_addresses()->set_vlan(70'000);
  EXPECT_EQ(refusal(envelope), "InstanceReport.addresses[0].vlan: 70000 is over 65535");
  report->mutable_addresses(0)->set_vlan(1);
  report->mutable_addresses(0)->set_prefix(33);
  EXPECT_EQ(refusal(envelope), "InstanceReport.addresses[0].prefix: 33 is over 32");
  report->mutable_addresses(0)->set_prefix(300);
  EXPECT_EQ(refusal(envelope), "InstanceReport.addresses[0].prefix: 300 is over 255");
  report->mutable_addresses(0)->set_prefix(32);
  report->mutable_addresses(0)->set_mac(uint64_t{1} << 48);
  EXPECT_EQ(refusal(envelope), "InstanceReport.addresses[0].mac: 281474976710656 is over 281474976710655");
  report->mutable_addresses(0)->set_mac((uint64_t{1} << 48) - 1);
  EXPECT_EQ(refusal(envelope), "");

  envelope.mutable_select_destinations()->mutable_spec()->add_networks("123");
  EXPECT_EQ(refusal(envelope), "SelectDestinations.spec.networks[0]: an id has 16 bytes, not 3");

  envelope.mutable_api_call();
  EXPECT_THAT(refusal(envelope), HasSubstr("ApiCall: no request is set"));
  envelope.mutable_api_call()->mutable_server_action()->set_server("x");
  EXPECT_THAT(refusal(envelope), HasSubstr("ApiCall.server_action.action: 0 is not a ServerActionKind"));
  envelope.mutable_api_reply();
  EXPECT_THAT(refusal(envelope), HasSubstr("ApiReply: no result is set"));
  envelope.mutable_api_reply()->mutable_error();
  EXPECT_THAT(refusal(envelope), HasSubstr("ApiReply.error.code: 0 is not a ErrorCode"));
  envelope.mutable_api_reply()->mutable_server_list()->add_servers();
  EXPECT_THAT(refusal(envelope), HasSubstr("ApiReply.server_list.servers[0].vm_state: 0 is not a VmState"));
}

TEST(Garbage, ListsThatWouldTakeGigabytesAreRefused) {
  Decoder decoder;
  EXPECT_TRUE(decoder.take(1000, 1 << 10));
  EXPECT_FALSE(decoder.take(size_t{1} << 20, 1 << 10));
  decoder.inside("servers");
  EXPECT_EQ(decoder.error("ServerList").message,
            "ServerList.servers: 1048576 items are too many: the lists of one message may take 256 MiB");
  // All lists of a message share one bound.
  Decoder shared;
  EXPECT_TRUE(shared.take(1, Decoder::kMaxListBytes));
  EXPECT_FALSE(shared.take(1, 1));
  EXPECT_TRUE(Decoder().take(0, 1));
}

// What to_proto makes of a decoded message must be readable again, however odd the message.
void feed(const std::string& bytes) {
  v1::Envelope envelope;
  if (!envelope.ParseFromString(bytes)) return;
  auto message = from_proto(envelope);
  if (!message) {
    EXPECT_FALSE(message.error().message.empty());
    return;
  }
  v1::Envelope again;
  to_proto(*message, &again);
  EXPECT_TRUE(from_proto(again));
}

// protobuf logs each text that is not UTF-8.
using Quiet = google::protobuf::LogSilencer;

TEST(Garbage, RandomBytes) {
  Quiet quiet;
  Random random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random.below(200), '\0');
    for (char& c : bytes) c = static_cast<char>(random.below(256));
    feed(bytes);
  }
}

TEST(Garbage, MutatedMessages) {
  Quiet quiet;
  Random random(6);
  const auto* bodies = v1::Envelope::descriptor()->oneof_decl(0);
  int refused = 0;
  for (int i = 0; i < 6'000; ++i) {
    v1::Envelope envelope;
    fill(&envelope, random, bodies->field(i % bodies->field_count())->name());
    std::string bytes = envelope.SerializeAsString();
    for (uint64_t k = 1 + random.below(4); k > 0; --k) {
      size_t at = random.below(bytes.size());
      if (random.chance(0.7)) {
        bytes[at] = static_cast<char>(random.below(256));
      } else {
        bytes.erase(at, 1 + random.below(8));
        if (bytes.empty()) break;
      }
    }
    v1::Envelope parsed;
    if (parsed.ParseFromString(bytes) && !from_proto(parsed)) ++refused;
    feed(bytes);
  }
  EXPECT_GT(refused, 10) << "the mutations never reached the checks";
}

}  // namespace
}  // namespace kilonova::rpc
