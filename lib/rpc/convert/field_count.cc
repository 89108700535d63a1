#include "rpc/convert/field_count.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

namespace kilonova::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kDeepest = 100;  // as protobuf itself reads messages within messages

class Counter {
 public:
  explicit Counter(size_t most) : left_(most) {}

  // False: too many, or too deep. `type` is null inside of what nobody knows.
  bool count(CodedInputStream& in, const Descriptor* type, int depth) {
    if (depth == kDeepest) return false;
    while (uint32_t tag = in.ReadTag()) {
      if (left_ == 0) return false;
      --left_;
      const FieldDescriptor* field =
          type == nullptr ? nullptr : type->FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      bool is_message = field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE &&
                        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
      if (!(is_message ? count_message(in, *field->message_type(), depth) : skip(in, tag, depth))) return !too_many_;
      if (too_many_) return false;
    }
    return true;
  }

 private:
  bool count_message(CodedInputStream& in, const Descriptor& type, int depth) {
    uint32_t length = 0;
    if (!in.ReadVarint32(&length)) return false;
    CodedInputStream::Limit limit = in.PushLimit(static_cast<int>(length));
    too_many_ = !count(in, &type, depth + 1);
    bool whole = in.BytesUntilLimit() == 0;
    in.PopLimit(limit);
    return whole || too_many_;
  }
  // Groups are of no message of ours: what is in one counts as fields too.
  bool skip(CodedInputStream& in, uint32_t tag, int depth) {
    switch (WireFormatLite::GetTagWireType(tag)) {
      case WireFormatLite::WIRETYPE_START_GROUP: too_many_ = !count(in, nullptr, depth + 1); return true;
      case WireFormatLite::WIRETYPE_END_GROUP: return false;
      default: return WireFormatLite::SkipField(&in, tag);
    }
  }

  size_t left_;
  bool too_many_ = false;
};

}  // namespace

Expected<> check_field_count(google::protobuf::io::ZeroCopyInputStream& bytes, const Descriptor& type, size_t most) {
  CodedInputStream in(&bytes);
  if (Counter(most).count(in, &type, 0)) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: a message has at most {} fields, and messages within messages at most {} levels",
                          type.name(), most, kDeepest));
}

}  // namespace kilonova::rpc
