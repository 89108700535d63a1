// How much a message will be when it is read, told from its bytes. An empty message within a message has two bytes on
// its way, and a hundred in memory.
#pragma once

#include <cstddef>

#include "base/error.h"

namespace google::protobuf {
class Descriptor;
namespace io {
class ZeroCopyInputStream;
}
}  // namespace google::protobuf

namespace kilonova::rpc {

// Enough for every request that passes its form's check.
inline constexpr size_t kMaxFields = 10'000;

// kInvalidArgument when the bytes hold more than so many fields, those of messages within it included, or messages more
// than 100 deep. What is no such message passes: its reader refuses it. Allocates nothing.
Expected<> check_field_count(google::protobuf::io::ZeroCopyInputStream& bytes, const google::protobuf::Descriptor& type,
                             size_t most = kMaxFields);

}  // namespace kilonova::rpc
