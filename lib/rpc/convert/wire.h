// How single values look on the wire, in both directions. Lists and messages: fields.h.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/ids.h"
#include "base/time.h"
#include "domain/net.h"
#include "rpc/convert/decoder.h"
#include "rpc/convert/enums.h"

namespace kilonova::rpc {

// ---- domain -> wire

template <class T>
  requires std::is_arithmetic_v<T>
T to_wire(T value) {
  return value;
}
inline int64_t to_wire(WallTime value) { return value.us; }
inline int64_t to_wire(Duration value) { return value.us; }
inline uint32_t to_wire(Ipv4 value) { return value.value; }
inline uint64_t to_wire(Mac value) { return value.value; }
template <class Enum>
  requires std::is_enum_v<Enum>
auto to_wire(Enum value) {
  return static_cast<typename EnumWire<Enum>::Wire>(static_cast<int>(value) + EnumWire<Enum>::kOffset);
}

// Text is made UTF-8 (utf8.h); bytes stay as they are.
void put_text(std::string_view value, std::string* wire);
inline void put_uuid(const Uuid& value, std::string* wire) {
  if (value.is_nil()) {
    wire->clear();
  } else {
    wire->assign(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
  }
}

// ---- wire -> domain. Each fails the decoder for what the domain cannot hold.

void out_of_range(Decoder& decoder, uint64_t value, uint64_t limit);
void unknown_enum(Decoder& decoder, int value, const google::protobuf::EnumDescriptor* descriptor, bool has_zero);

// Wire integers are at least as wide as the domain's and of the same signedness.
template <class Wire, class T>
  requires std::is_arithmetic_v<T>
void from_wire(Wire wire, T* value, Decoder& decoder) {
  if constexpr (sizeof(T) < sizeof(Wire)) {
    static_assert(std::unsigned_integral<T> && std::unsigned_integral<Wire>);
    if (wire > std::numeric_limits<T>::max()) return out_of_range(decoder, wire, std::numeric_limits<T>::max());
  } else {
    static_assert(std::is_same_v<T, Wire>);
  }
  *value = static_cast<T>(wire);
}
inline void from_wire(int64_t wire, WallTime* value, Decoder&) { value->us = wire; }
inline void from_wire(int64_t wire, Duration* value, Decoder&) { value->us = wire; }
inline void from_wire(uint32_t wire, Ipv4* value, Decoder&) { value->value = wire; }
inline void from_wire(uint64_t wire, Mac* value, Decoder& decoder) {
  constexpr uint64_t kMax = (uint64_t{1} << 48) - 1;
  if (wire > kMax) return out_of_range(decoder, wire, kMax);
  value->value = wire;
}
template <class Enum>
  requires std::is_enum_v<Enum>
void from_wire(typename EnumWire<Enum>::Wire wire, Enum* value, Decoder& decoder) {
  using Map = EnumWire<Enum>;
  // protobuf keeps numbers that it does not know.
  if (!Map::is_known(static_cast<int>(wire)))
    return unknown_enum(decoder, static_cast<int>(wire), Map::descriptor(), Map::kHasZero);
  *value = static_cast<Enum>(static_cast<int>(wire) - Map::kOffset);
}
inline void from_wire(const std::string& wire, std::string* value, Decoder&) { *value = wire; }
// 16 bytes, or none for the nil uuid.
void from_wire(const std::string& wire, Uuid* value, Decoder& decoder);

}  // namespace kilonova::rpc
