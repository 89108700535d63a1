// Messages of the public service to and from the bytes of a call. gRPC itself answers UNIMPLEMENTED, without a word, to
// what it cannot read, so the front reads and writes them. Any thread; no state.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include "base/error.h"

namespace kilonova::api {

// Fills an empty message. kInvalidArgument says that it would be too large (field_count.h), names the field whose text
// is not UTF-8, or says that it is no such message; what the message holds is unspecified then.
Expected<> read_message(const grpc::ByteBuffer& bytes, google::protobuf::Message* message);

// Replaces what `bytes` held.
void write_message(const google::protobuf::Message& message, grpc::ByteBuffer* bytes);

}  // namespace kilonova::api
