// One list of fields for each pair of a domain struct and a protobuf message; both directions come from it.
//
//   KN_CODEC(ImageRef, v1::ImageRef, KN_FIELD(id) KN_FIELD(name) KN_FIELD(size_bytes))
//
// defines encode(const ImageRef&, v1::ImageRef*) and decode(const v1::ImageRef&, ImageRef*, Decoder&), which codecs.h
// declares. The message of encode() is clear before. Rules:
// - A `optional` or message field that is absent leaves the struct's default; a message that equals it is not sent.
//   A std::optional is a message field: absent where it has no value.
// - All else is always assigned when decoding, so that a reused struct keeps nothing.
// - decode() stops at the first value that the domain cannot hold; the struct is then unspecified.
#pragma once

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "rpc/convert/codecs.h"
#include "rpc/convert/decoder.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// Values that stand in a field of their own; all else is a message.
template <class T>
concept WireScalar = requires(const T& value) { to_wire(value); };
template <class T>
concept WireString = std::is_same_v<T, std::string> || std::is_same_v<T, Uuid>;

inline void put(const std::string& value, std::string* wire) { put_text(value, wire); }
inline void put(const Uuid& value, std::string* wire) { put_uuid(value, wire); }

// protobuf's accessors of one field, where it has them.
template <class Get, class Mutable, class Set, class Has>
struct Access {
  Get get;
  Mutable mutate;
  Set set;
  Has has;
};

template <class Domain, class Proto>
class EncodeFields {
 public:
  EncodeFields(const Domain& domain, Proto* proto) : domain_(domain), proto_(proto) {}

  template <class Member, class A>
  void operator()(const char*, Member member, A access) {
    const auto& value = member(domain_);
    using T = std::remove_cvref_t<decltype(value)>;
    if constexpr (kIsVector<T>) {
      if (!value.empty()) encode_list(value, access.mutate(proto_));
    } else if constexpr (kIsOptional<T>) {
      if (value) encode(*value, access.mutate(proto_));
    } else if constexpr (WireString<T>) {
      // An absent `optional` text would mean the default.
      if constexpr (requires { access.has(*proto_); }) {
        put(value, access.mutate(proto_));
      } else if (value != T{}) {
        put(value, access.mutate(proto_));
      }
    } else if constexpr (WireScalar<T>) {
      access.set(proto_, to_wire(value));
    } else {
      static const Domain kDefaults{};
      if (value != member(kDefaults)) encode(value, access.mutate(proto_));
    }
  }
  template <class Member>
  void at_most(const char*, Member, uint64_t) {}

 private:
  template <class T, class List>
  static void encode_list(const std::vector<T>& values, List* list) {
    list->Reserve(static_cast<int>(values.size()));
    for (const T& value : values) {
      if constexpr (WireString<T>) {
        put(value, list->Add());
      } else if constexpr (WireScalar<T>) {
        list->Add(to_wire(value));
      } else {
        encode(value, list->Add());
      }
    }
  }

  const Domain& domain_;
  Proto* proto_;
};

template <class Domain, class Proto>
class DecodeFields {
 public:
  DecodeFields(const Proto& proto, Domain* domain, Decoder& decoder)
      : proto_(proto), domain_(domain), decoder_(decoder) {}

  template <class Member, class A>
  void operator()(const char* name, Member member, A access) {
    if (decoder_.failed()) return;
    auto& value = member(*domain_);
    using T = std::remove_cvref_t<decltype(value)>;
    if constexpr (requires { access.has(proto_); }) {
      if (!access.has(proto_)) {
        static const Domain kDefaults{};
        value = member(kDefaults);
        return;
      }
    }
    if constexpr (kIsVector<T>) {
      decode_list(name, access.get(proto_), &value);
    } else if constexpr (kIsOptional<T>) {
      decode_value(access.get(proto_), &value.emplace());
      if (decoder_.failed()) decoder_.inside(name);
    } else {
      decode_value(access.get(proto_), &value);
      if (decoder_.failed()) decoder_.inside(name);
    }
  }
  template <class Member>
  void at_most(const char* name, Member member, uint64_t limit) {
    if (decoder_.failed() || member(*domain_) <= limit) return;
    out_of_range(decoder_, member(*domain_), limit);
    decoder_.inside(name);
  }

 private:
  template <class Wire, class T>
  void decode_value(const Wire& wire, T* value) {
    if constexpr (WireString<T> || WireScalar<T>) {
      from_wire(wire, value, decoder_);
    } else {
      decode(wire, value, decoder_);
    }
  }

  template <class List, class T>
  void decode_list(const char* name, const List& list, std::vector<T>* values) {
    auto count = static_cast<size_t>(list.size());
    values->clear();
    if (!decoder_.take(count, sizeof(T))) return decoder_.inside(name);
    values->resize(count);
    for (size_t i = 0; i < count; ++i) {
      decode_value(list.Get(static_cast<int>(i)), &(*values)[i]);
      if (decoder_.failed()) return decoder_.inside(name, i);
    }
  }

  const Proto& proto_;
  Domain* domain_;
  Decoder& decoder_;
};

}  // namespace kilonova::rpc

#define KN_ACCESS(field)                                                                \
  Access {                                                                              \
    [](const auto& p) -> decltype(p.field()) { return p.field(); },                     \
        [](auto* p) -> decltype(p->mutable_##field()) { return p->mutable_##field(); }, \
        [](auto* p, auto v) -> decltype(p->set_##field(v)) { p->set_##field(v); },      \
        [](const auto& p) -> decltype(p.has_##field()) { return p.has_##field(); }      \
  }

// The struct's member and the message's field, where their names differ; `member` may be a path: spec.flavor.
#define KN_FIELD_AS(member, field) visit(#field, [](auto& d) -> auto& { return d.member; }, KN_ACCESS(field));
#define KN_FIELD(name) KN_FIELD_AS(name, name)
// Besides the type's own limit.
#define KN_AT_MOST(name, limit) visit.at_most(#name, [](auto& d) -> auto& { return d.name; }, limit);
// WallTime and Duration.
#define KN_TIME(name) KN_FIELD_AS(name, name##_us)

// Only encode(): for what clients only read.
#define KN_ENCODER(Domain, Proto, ...)                                            \
  namespace {                                                                     \
  template <class Visit>                                                          \
  void visit_fields([[maybe_unused]] Visit& visit, const Domain*, const Proto*) { \
    __VA_ARGS__                                                                   \
  }                                                                               \
  }                                                                               \
  void encode(const Domain& domain, Proto* proto) {                               \
    EncodeFields<Domain, Proto> visit{domain, proto};                             \
    visit_fields(visit, &domain, proto);                                          \
  }

#define KN_CODEC(Domain, Proto, ...)                                  \
  KN_ENCODER(Domain, Proto, __VA_ARGS__)                              \
  void decode(const Proto& proto, Domain* domain, Decoder& decoder) { \
    DecodeFields<Domain, Proto> visit{proto, domain, decoder};        \
    visit_fields(visit, domain, &proto);                              \
  }
