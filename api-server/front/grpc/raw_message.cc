#include "api-server/front/grpc/raw_message.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include <optional>
#include <string>

#include "base/check.h"
#include "rpc/convert/field_count.h"
#include "rpc/convert/utf8.h"

namespace kilonova::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

constexpr int kDeepest = 100;  // as protobuf itself reads messages within messages

// The first text that is not UTF-8, as "name" or "flavor.name"; nothing when it is something else that cannot be read.
std::optional<std::string> find_broken_text(const Descriptor& type, const UnknownFieldSet& fields, int depth) {
  if (depth == kDeepest) return std::nullopt;
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    const FieldDescriptor* known = type.FindFieldByNumber(field.number());
    if (known == nullptr || field.type() != UnknownField::TYPE_LENGTH_DELIMITED) continue;
    if (known->type() == FieldDescriptor::TYPE_STRING && !rpc::is_utf8(field.length_delimited())) return known->name();
    if (known->type() != FieldDescriptor::TYPE_MESSAGE) continue;
    UnknownFieldSet inner;
    if (!inner.ParseFromString(field.length_delimited())) return std::nullopt;
    if (auto found = find_broken_text(*known->message_type(), inner, depth + 1)) return known->name() + "." + *found;
  }
  return std::nullopt;
}

}  // namespace

Expected<> read_message(const grpc::ByteBuffer& bytes, google::protobuf::Message* message) {
  grpc::ByteBuffer copy = bytes;  // of the reference: the reader takes one that it may change
  {
    grpc::ProtoBufferReader reader(&copy);
    if (reader.status().ok())
      if (auto counted = rpc::check_field_count(reader, *message->GetDescriptor()); !counted) return counted;
  }
  copy = bytes;
  {
    grpc::ProtoBufferReader reader(&copy);
    if (reader.status().ok() && message->ParseFromZeroCopyStream(&reader)) return {};
  }
  const Descriptor& type = *message->GetDescriptor();
  google::protobuf::Empty fields;  // keeps all fields as they came
  copy = bytes;
  grpc::ProtoBufferReader reader(&copy);
  if (reader.status().ok() && fields.ParseFromZeroCopyStream(&reader)) {
    const UnknownFieldSet& unknown = fields.GetReflection()->GetUnknownFields(fields);
    if (auto broken = find_broken_text(type, unknown, 0))
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: the text of field '{}' is not UTF-8", type.name(), *broken));
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the bytes are no {}: they are cut off, or of another message", type.name()));
}

void write_message(const google::protobuf::Message& message, grpc::ByteBuffer* bytes) {
  bytes->Clear();
  const auto size = static_cast<int>(message.ByteSizeLong());
  grpc::ProtoBufferWriter writer(bytes, grpc::kProtoBufferWriterMaxBufferLength, size);
  bool written = message.SerializeToZeroCopyStream(&writer);
  KN_CHECK(written, "a reply could not be written");
}

}  // namespace kilonova::api
