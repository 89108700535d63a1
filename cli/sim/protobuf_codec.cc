#include "cli/sim/protobuf_codec.h"

#include <string>

#include "base/check.h"
#include "rpc/convert/convert.h"

namespace kilonova::cli {

Message through_protobuf(Message message) {
  v1::Envelope sent, received;
  rpc::to_proto(message, &sent);
  std::string bytes;
  KN_CHECK(sent.SerializeToString(&bytes) && received.ParseFromString(bytes),
           "a message does not survive its encoding");
  Expected<Message> back = rpc::from_proto(received);
  KN_CHECK(back.has_value(), "a message that was sent cannot be read");
  KN_CHECK(*back == message, "a message is changed by its encoding");
  return *std::move(back);
}

std::string bytes_of(const ApiResponse& response) {
  v1::Envelope sent;
  rpc::to_proto(Message{0, ApiReply{response}}, &sent);
  std::string bytes;
  KN_CHECK(sent.SerializeToString(&bytes), "an answer cannot be encoded");
  return bytes;
}

}  // namespace kilonova::cli
