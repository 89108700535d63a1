// What a peer says in its hello cannot be changed on its way: the proof is of all of it.
#include "rpc/node/handshake.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "kilonova/v1/peer.pb.h"

namespace kilonova {
namespace {

using google::protobuf::FieldDescriptor;

v1::Hello hello(uint32_t role) {
  v1::Hello hello;
  hello.set_protocol_version(3);
  hello.set_role(role);
  hello.set_index(1);
  hello.set_incarnation(7);
  hello.set_address("10.0.0.1:7000");
  hello.set_hostname("rack-1");
  hello.set_resume_incarnation(8);
  hello.set_resume_number(9);
  hello.set_nonce(std::string(32, 'n'));
  return hello;
}

void change(v1::Hello* hello, const FieldDescriptor* field) {
  const google::protobuf::Reflection* of = hello->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32: of->SetUInt32(hello, field, of->GetUInt32(*hello, field) + 1); break;
    case FieldDescriptor::CPPTYPE_UINT64: of->SetUInt64(hello, field, of->GetUInt64(*hello, field) + 1); break;
    case FieldDescriptor::CPPTYPE_BOOL: of->SetBool(hello, field, !of->GetBool(*hello, field)); break;
    case FieldDescriptor::CPPTYPE_STRING: of->SetString(hello, field, of->GetString(*hello, field) + "x"); break;
    default: FAIL() << field->name() << " is of a type that this test does not know";
  }
}

TEST(Handshake, EachFieldOfBothHellosIsProved) {
  const v1::Hello dialer = hello(4), server = hello(1);
  const std::string proof = make_proof("key", "server", dialer, server);
  EXPECT_EQ(make_proof("key", "server", dialer, server), proof);
  EXPECT_NE(make_proof("key", "dialer", dialer, server), proof);
  EXPECT_NE(make_proof("other", "server", dialer, server), proof);
  EXPECT_NE(make_proof("key", "server", server, dialer), proof);
  const google::protobuf::Descriptor* fields = v1::Hello::descriptor();
  for (int i = 0; i < fields->field_count(); ++i) {
    const FieldDescriptor* field = fields->field(i);
    if (field->name() == "proof") continue;
    v1::Hello changed = dialer;
    change(&changed, field);
    EXPECT_NE(make_proof("key", "server", changed, server), proof) << field->name() << " of the dialer";
    changed = server;
    change(&changed, field);
    EXPECT_NE(make_proof("key", "server", dialer, changed), proof) << field->name() << " of the server";
  }
}

// Nothing that one field says can be read as another's.
TEST(Handshake, AddressAndHostnameAreNotOneText) {
  v1::Hello one = hello(4), other = hello(4);
  one.set_address("a|1:b");
  one.set_hostname("c");
  other.set_address("a");
  other.set_hostname("b|1:c");
  EXPECT_NE(make_proof("key", "server", one, hello(1)), make_proof("key", "server", other, hello(1)));
}

}  // namespace
}  // namespace kilonova
