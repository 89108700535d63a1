// Nothing is lost between daemons: every field of every message, both ways.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "domain/api.h"
#include "domain/nouns/service.h"
#include "domain/operation.h"
#include "rpc/convert/convert.h"
#include "tests/unit/rpc-convert/fill.h"

namespace kilonova::rpc {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string difference(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  std::string report;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  return differencer.Compare(a, b) ? "" : report;
}

// Filled message -> bytes -> domain -> message -> domain.
void expect_round_trip(const v1::Envelope& filled) {
  ASSERT_THAT(unset_fields(filled), testing::IsEmpty());
  v1::Envelope received;
  ASSERT_TRUE(received.ParseFromString(filled.SerializeAsString()));
  Expected<Message> message = from_proto(received);
  ASSERT_TRUE(message) << message.error().message;

  v1::Envelope again;
  again.mutable_token_keys()->set_signing_key("of before");
  to_proto(*message, &again);
  EXPECT_EQ(difference(filled, again), "") << "a field that no codec carries";

  Expected<Message> once_more = from_proto(again);
  ASSERT_TRUE(once_more) << once_more.error().message;
  EXPECT_EQ(*once_more, *message);
}

v1::Envelope filled_envelope(Random& random, const std::string& body) {
  v1::Envelope envelope;
  fill(&envelope, random, body);
  return envelope;
}

std::vector<std::string> alternatives(const google::protobuf::OneofDescriptor* oneof) {
  std::vector<std::string> names;
  for (int i = 0; i < oneof->field_count(); ++i) names.push_back(oneof->field(i)->name());
  return names;
}

TEST(RoundTrip, EveryMessageWithEveryFieldFilled) {
  Random random(1);
  for (const std::string& body : alternatives(v1::Envelope::descriptor()->oneof_decl(0))) {
    SCOPED_TRACE(body);
    for (int i = 0; i < 8; ++i) expect_round_trip(filled_envelope(random, body));
  }
}

TEST(RoundTrip, EveryApiRequest) {
  Random random(2);
  for (const std::string& request : alternatives(v1::ApiCall::descriptor()->oneof_decl(0))) {
    SCOPED_TRACE(request);
    for (int i = 0; i < 8; ++i) {
      v1::Envelope envelope;
      envelope.set_call(7);
      fill(envelope.mutable_api_call(), random, request);
      expect_round_trip(envelope);
    }
  }
}

TEST(RoundTrip, EveryApiResponseAndErrors) {
  Random random(3);
  for (const std::string& result : alternatives(v1::ApiReply::descriptor()->oneof_decl(0))) {
    SCOPED_TRACE(result);
    for (int i = 0; i < 8; ++i) {
      v1::Envelope envelope;
      envelope.set_call(7);
      fill(envelope.mutable_api_reply(), random, result);
      expect_round_trip(envelope);
    }
  }
}

template <class Set>
std::vector<OneOf<Set>> defaults() {
  std::vector<OneOf<Set>> values;
  for_each_type(typename Set::Types{}, [&]<class T>() { values.push_back(T{}); });
  return values;
}

// Defaults are not all zero, and much of a real message is default: they must come back as well.
TEST(RoundTrip, EveryMessageWithDefaultFields) {
  std::vector<Message> messages;
  for (auto& body : defaults<MessageSet>()) {
    if (auto* call = get_if<ApiCall>(&body)) call->request = GetCloudStatus{};
    if (auto* reply = get_if<ApiReply>(&body)) reply->result = ApiResponse(Empty{});
    messages.push_back(Message{0, body});
  }
  for (auto& request : defaults<OperationSet>())
    if (operation_of(request).decided_by != DecidedBy::kApi) messages.push_back(Message{1, ApiCall{{}, {}, request}});
  for (auto& response : defaults<ReplySet>()) messages.push_back(Message{1, ApiReply{response}});
  for (const Message& message : messages) {
    v1::Envelope envelope;
    to_proto(message, &envelope);
    Expected<Message> back = from_proto(envelope);
    ASSERT_TRUE(back) << message_name(message) << ": " << back.error().message;
    EXPECT_EQ(*back, message) << message_name(message);
  }
}

TEST(RoundTrip, TheMessagesHaveTheOrderOfTheDomain) {
  const auto* bodies = v1::Envelope::descriptor()->oneof_decl(0);
  ASSERT_EQ(bodies->field_count(), static_cast<int>(MessageSet::Types::kSize));
  Random random(4);
  for (int i = 0; i < bodies->field_count(); ++i) {
    auto message = from_proto(filled_envelope(random, bodies->field(i)->name()));
    ASSERT_TRUE(message);
    EXPECT_EQ(static_cast<int>(message->body.index()), i);
    EXPECT_EQ(message_name(*message), bodies->field(i)->message_type()->name());
    EXPECT_EQ(bodies->field(i)->number(), i + 2);
  }
}

TEST(RoundTrip, AReportOfProgressCarriesNoEmptyMessages) {
  InstanceReport report;
  report.host = "c1";
  v1::Envelope envelope;
  to_proto(Message{0, report}, &envelope);
  EXPECT_FALSE(envelope.instance_report().has_decision());
  EXPECT_FALSE(envelope.instance_report().has_fault());
  EXPECT_LT(envelope.ByteSizeLong(), 16u);
}

TEST(RoundTrip, TextThatIsNotUtf8StillArrives) {
  InstanceReport report;
  report.fault = Error{ErrorCode::kUnavailable, "disk \xff\xfe full"};
  v1::Envelope envelope, received;
  to_proto(Message{0, report}, &envelope);
  ASSERT_TRUE(received.ParseFromString(envelope.SerializeAsString()));
  auto message = from_proto(received);
  ASSERT_TRUE(message);
  EXPECT_EQ(get<InstanceReport>(message->body).fault.message, "disk \xef\xbf\xbd\xef\xbf\xbd full");
}

}  // namespace
}  // namespace kilonova::rpc
