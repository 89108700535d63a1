// Protobuf messages to and from the bytes of gRPC, for services that we do not write ourselves.
#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include "base/check.h"

namespace kilonova {

// False: the bytes are no such message. They are used up.
template <class Proto>
bool read_proto(grpc::ByteBuffer* bytes, Proto* message) {
  return grpc::SerializationTraits<Proto>::Deserialize(bytes, message).ok();
}

template <class Proto>
grpc::ByteBuffer proto_bytes(const Proto& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  grpc::Status encoded = grpc::SerializationTraits<Proto>::Serialize(message, &bytes, &own_buffer);
  KN_CHECK(encoded.ok(), "a message can't be encoded");
  return bytes;
}

}  // namespace kilonova
