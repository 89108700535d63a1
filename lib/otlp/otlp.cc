#include "otlp/otlp.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "otlp/span_fields.h"

namespace kilonova::otlp {
namespace {

using Json = nlohmann::ordered_json;

// opentelemetry/proto/trace/v1/trace.proto: Span.SpanKind and Status.StatusCode.
constexpr int kInternal = 1, kServer = 2, kStatusError = 2;

std::string hex(uint64_t span) { return fmt::format("{:016x}", span); }
std::string nanoseconds(WallTime time) { return std::to_string(time.us * 1'000); }

Json json_of(const Attribute& attribute) {
  const auto* text = std::get_if<std::string>(&attribute.value);
  // 64 bits are text in protobuf's JSON.
  Json value = text != nullptr ? Json{{"stringValue", *text}}
                               : Json{{"intValue", std::to_string(std::get<uint64_t>(attribute.value))}};
  return {{"key", attribute.key}, {"value", std::move(value)}};
}

Json json_of(const std::vector<Attribute>& attributes) {
  Json list = Json::array();
  for (const Attribute& attribute : attributes) list.push_back(json_of(attribute));
  return list;
}

Json json_of(const SpanFields& fields) {
  Json span{{"traceId", to_hex(fields.trace_id)}, {"spanId", hex(fields.id)}};
  if (fields.parent != 0) span["parentSpanId"] = hex(fields.parent);
  span["name"] = fields.name;
  span["kind"] = fields.answers_client ? kServer : kInternal;
  span["startTimeUnixNano"] = nanoseconds(fields.begin);
  span["endTimeUnixNano"] = nanoseconds(fields.end);
  span["attributes"] = json_of(fields.attributes);
  if (fields.has_failed) span["status"] = {{"message", fields.message}, {"code", kStatusError}};
  return span;
}

}  // namespace

std::string to_json(std::span<const Span> spans) {
  Json resources = Json::array();
  std::vector<std::string_view> daemons;
  for (const Span& span : spans) {
    const std::string_view daemon = daemon_of(span);
    const auto known = std::ranges::find(daemons, daemon);
    const auto index = static_cast<size_t>(known - daemons.begin());
    if (known == daemons.end()) {
      daemons.push_back(daemon);
      resources.push_back({{"resource", {{"attributes", json_of(resource_attributes(daemon))}}},
                           {"scopeSpans", Json::array({{{"scope", {{"name", kScope}}}, {"spans", Json::array()}}})}});
    }
    resources[index]["scopeSpans"][0]["spans"].push_back(json_of(fields_of(span)));
  }
  return Json{{"resourceSpans", std::move(resources)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kilonova::otlp
