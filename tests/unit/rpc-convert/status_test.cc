#include "rpc/convert/status.h"

#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

#include "kilonova/v1/common.pb.h"

namespace kilonova::rpc {
namespace {

TEST(Status, EveryCodeComesBackExactly) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::kInternal); ++i) {
    Error error{static_cast<ErrorCode>(i), "flavor 'm1.huge': no such flavor"};
    grpc::Status status = to_status(error);
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(status.error_code(), to_grpc(error.code));
    EXPECT_EQ(status.error_message(), error.message);
    EXPECT_EQ(from_status(status), error);
  }
}

TEST(Status, WithoutDetailsTheCodeIsTheNearest) {
  EXPECT_EQ(from_status(grpc::Status(grpc::StatusCode::NOT_FOUND, "x")), (Error{ErrorCode::kNotFound, "x"}));
  EXPECT_EQ(from_grpc(grpc::StatusCode::RESOURCE_EXHAUSTED), ErrorCode::kResourceExhausted);
  EXPECT_EQ(from_grpc(grpc::StatusCode::FAILED_PRECONDITION), ErrorCode::kConflict);
  EXPECT_EQ(from_grpc(grpc::StatusCode::CANCELLED), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(from_grpc(grpc::StatusCode::ABORTED), ErrorCode::kConflict);
  EXPECT_EQ(from_grpc(grpc::StatusCode::UNKNOWN), ErrorCode::kInternal);
  EXPECT_EQ(from_grpc(grpc::StatusCode::UNAVAILABLE), ErrorCode::kUnavailable);
}

TEST(Status, GarbageDetailsAreIgnored) {
  grpc::Status garbage(grpc::StatusCode::NOT_FOUND, "x", "\xff\xff\xff");
  EXPECT_EQ(from_status(garbage).code, ErrorCode::kNotFound);
  v1::StatusDetails unknown;
  v1::Error error;
  error.set_code(static_cast<v1::ErrorCode>(99));
  unknown.add_details()->PackFrom(error);
  unknown.add_details()->PackFrom(v1::PeerId());
  grpc::Status later(grpc::StatusCode::NOT_FOUND, "x", unknown.SerializeAsString());
  EXPECT_EQ(from_status(later).code, ErrorCode::kNotFound);
}

// google.rpc.Status: int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3.
TEST(Status, DetailsHaveTheWireFormOfGoogleRpcStatus) {
  const auto* descriptor = v1::StatusDetails::descriptor();
  ASSERT_EQ(descriptor->field_count(), 3);
  EXPECT_EQ(descriptor->FindFieldByNumber(1)->type(), google::protobuf::FieldDescriptor::TYPE_INT32);
  EXPECT_EQ(descriptor->FindFieldByNumber(2)->type(), google::protobuf::FieldDescriptor::TYPE_STRING);
  EXPECT_EQ(descriptor->FindFieldByNumber(3)->message_type(), google::protobuf::Any::descriptor());
  v1::StatusDetails details;
  ASSERT_TRUE(details.ParseFromString(to_status(Error{ErrorCode::kQuotaExceeded, "m"}).error_details()));
  EXPECT_EQ(details.code(), 8);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/kilonova.v1.Error");
}

}  // namespace
}  // namespace kilonova::rpc
