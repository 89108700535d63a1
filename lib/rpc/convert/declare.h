// How the headers of codecs declare what they have. The words of nouns/: a CALL is an operation as it travels between
// daemons, a REPLY what answers it there, a METHOD one of the public service kilonova.v1.Cloud.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "rpc/convert/decoder.h"

namespace kilonova::rpc {

// Who reads a reply of the public service: admins see more.
enum class Audience : uint8_t { kUser, kAdmin };

// The message of kilonova.v1 that a stored record is in an export: ::Type.
template <class Row>
struct RecordMessage;

}  // namespace kilonova::rpc

// encode() fills an empty message. decode() fails the decoder at the first value that the domain cannot hold; the struct is
// then unspecified.
#define KN_DECLARE_CODEC(Domain, Proto)   \
  void encode(const Domain&, v1::Proto*); \
  void decode(const v1::Proto&, Domain*, Decoder&);
// The operation, its field in ApiCall, its message.
#define KN_DECLARE_CALL(Name, field, Proto) KN_DECLARE_CODEC(Name, Proto)
// The reply, its field in ApiReply, its message, its case.
#define KN_DECLARE_REPLY(Name, field, Proto, Case) KN_DECLARE_CODEC(Name, Proto)
// The reply of v1::NameRequest, filled from what answers kilonova::Name; false where the answer has nothing to show.
#define KN_DECLARE_METHOD(Name) bool to_public(const Name::Reply& reply, Audience audience, v1::Name##Reply* proto);

// Of a stored record.
#define KN_RECORD_MESSAGE(Row, Proto) \
  template <>                         \
  struct RecordMessage<Row> {         \
    using Type = v1::Proto;           \
  };
