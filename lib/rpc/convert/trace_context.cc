#include "rpc/convert/trace_context.h"

#include <fmt/format.h>

#include <charconv>

namespace kilonova::rpc {
namespace {

constexpr size_t kLength = 55;
constexpr uint8_t kSampled = 1;

bool is_lower_hex(std::string_view text) {
  for (char c : text)
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  return true;
}

template <class T>
T parse_hex(std::string_view digits) {
  T value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view text) {
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  std::string_view version = text.substr(0, 2);
  std::string_view trace_id = text.substr(3, 32);
  std::string_view span_id = text.substr(36, 16);
  std::string_view flags = text.substr(53, 2);
  if (!is_lower_hex(version) || !is_lower_hex(trace_id) || !is_lower_hex(span_id) || !is_lower_hex(flags))
    return std::nullopt;
  if (version == "ff") return std::nullopt;
  if (text.size() > kLength && (version == "00" || text[kLength] != '-')) return std::nullopt;

  TraceParent parent;
  parent.trace_id = *parse_uuid(trace_id);
  parent.span_id = parse_hex<uint64_t>(span_id);
  parent.flags = parse_hex<uint8_t>(flags);
  if (parent.trace_id.is_nil() || parent.span_id == 0) return std::nullopt;
  return parent;
}

std::string format_traceparent(const TraceParent& parent) {
  return fmt::format("00-{}-{:016x}-{:02x}", to_hex(parent.trace_id), parent.span_id, parent.flags & kSampled);
}

TraceContext read_trace(std::string_view request_id, std::string_view traceparent) {
  TraceContext trace;
  if (request_id.starts_with("req-"))
    if (std::optional<Uuid> id = parse_uuid(request_id.substr(4))) trace.request_id = *id;
  if (std::optional<TraceParent> parent = parse_traceparent(traceparent)) {
    trace.trace_id = parent->trace_id;
    trace.span_id = parent->span_id;
  }
  return trace;
}

}  // namespace kilonova::rpc
