// What a span says, before it is written in one of OTLP's encodings. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "otlp/otlp.h"

namespace kilonova::otlp {

// A broken text becomes one with U+FFFD when it is written: OTLP's texts are UTF-8.
struct Attribute {
  std::string_view key;
  std::variant<std::string, uint64_t> value;
};

struct SpanFields {
  Uuid trace_id;
  uint64_t id = 0;
  uint64_t parent = 0;  // 0 = none
  std::string name;
  bool answers_client = false;  // its kind: SERVER, else INTERNAL
  WallTime begin, end;
  std::vector<Attribute> attributes;
  bool has_failed = false;
  std::string message;  // of the failure
};

SpanFields fields_of(const Span& span);

// Whose resource it belongs to: "compute-0".
std::string_view daemon_of(const Span& span);
std::vector<Attribute> resource_attributes(std::string_view daemon);

inline constexpr std::string_view kScope = "kilonova";

}  // namespace kilonova::otlp
