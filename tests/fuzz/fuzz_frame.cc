// What one daemon sends another: a frame, its hello and proof, its messages, and what a link makes of their numbers.
#include <google/protobuf/message.h>

#include <string>
#include <utility>
#include <vector>

#include "kilonova/v1/peer.pb.h"
#include "rpc/convert/convert.h"
#include "rpc/link/link.h"
#include "rpc/node/handshake.h"
#include "tests/fuzz/fuzz.h"

namespace kilonova {
namespace {

std::string encoded(const Message& message) {
  v1::Envelope envelope;
  rpc::to_proto(message, &envelope);
  return envelope.SerializeAsString();
}

// What was understood can be passed on, and is understood the same.
void pass_on(const Message& message) {
  std::string first = encoded(message);
  v1::Envelope envelope;
  KN_CHECK(envelope.ParseFromString(first), "what we encode can be read");
  Expected<Message> again = rpc::from_proto(envelope);
  KN_CHECK(again.has_value(), "what we encode is understood");
  KN_CHECK(encoded(*again) == first, "and means the same");
}

void greet(const v1::Hello& hello) {
  if (!check_hello(hello)) return;
  v1::Hello other = hello;
  other.set_nonce(std::string(32, 'n'));
  std::string proof = make_proof("secret", "dialer", hello, other);
  KN_CHECK(same_proof(proof, make_proof("secret", "dialer", hello, other)), "a proof is the same twice");
  KN_CHECK(!same_proof(proof, make_proof("secret", "server", hello, other)), "each side has its own");
  KN_CHECK(!same_proof(proof, make_proof("Secret", "dialer", hello, other)), "another secret, another proof");
  (void)dials(peer_of(hello).role, Role::kController);
}

}  // namespace
}  // namespace kilonova

KN_FUZZ_TARGET(fuzz_frame) {
  using namespace kilonova;
  v1::Frame frame;
  if (!frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  if (frame.has_hello()) greet(frame.hello());
  std::vector<Message> messages;
  for (const v1::Envelope& envelope : frame.messages()) {
    Expected<Message> message = rpc::from_proto(envelope);
    if (!message) continue;
    pass_on(*message);
    messages.push_back(*std::move(message));
  }
  Link link(16);
  link.reset(1);
  link.resume(frame.hello().resume_number());
  uint64_t applied = 0;
  link.receive(frame.first_number(), frame.ack(), messages, [&](const Message&) { return ++applied < 100; });
  KN_CHECK(link.receiver().applied() == applied, "each message is applied once, in order, from the first on");
}
