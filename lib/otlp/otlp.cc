#include "otlp/otlp.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace kilonova::otlp {
namespace {

using Json = nlohmann::ordered_json;

// opentelemetry/proto/trace/v1/trace.proto: Span.SpanKind and Status.StatusCode.
constexpr int kInternal = 1, kServer = 2, kStatusError = 2;

std::string hex(uint64_t span) { return fmt::format("{:016x}", span); }

Json text_attribute(std::string_view key, std::string_view value) {
  return {{"key", key}, {"value", {{"stringValue", value}}}};
}
// 64 bits are text in protobuf's JSON.
Json number_attribute(std::string_view key, uint64_t value) {
  return {{"key", key}, {"value", {{"intValue", std::to_string(value)}}}};
}

std::string nanoseconds(WallTime time) { return std::to_string(time.us * 1'000); }

Json span_of(const StepSpan& step) {
  const StepRecord& record = step.record;
  const bool is_first = record.step == LaunchStep::kRequestAccepted;
  Json span{{"traceId", to_hex(step.trace_id.is_nil() ? step.instance : step.trace_id)},
            {"spanId", hex(span_id_of(step.instance, record))}};
  const uint64_t parent =
      is_first ? step.client_span : span_id_of(step.instance, StepRecord{.step = LaunchStep::kRequestAccepted});
  if (parent != 0) span["parentSpanId"] = hex(parent);
  span["name"] = to_string(record.step);
  span["kind"] = is_first ? kServer : kInternal;
  span["startTimeUnixNano"] = nanoseconds(record.start);
  span["endTimeUnixNano"] = nanoseconds(record.start + std::max(record.duration, Duration{}));
  Json attributes = Json::array();
  attributes.push_back(text_attribute("kilonova.server", to_string(step.instance)));
  attributes.push_back(number_attribute("kilonova.step", static_cast<uint64_t>(record.step)));
  attributes.push_back(number_attribute("kilonova.epoch", record.epoch));
  attributes.push_back(number_attribute("kilonova.attempt", record.attempt));
  if (!record.host.empty()) attributes.push_back(text_attribute("kilonova.host", record.host));
  if (record.fault_rule != 0) attributes.push_back(number_attribute("kilonova.fault_rule", record.fault_rule));
  span["attributes"] = std::move(attributes);
  if (!record.fault.empty()) span["status"] = {{"message", record.fault}, {"code", kStatusError}};
  return span;
}

Json resource_of(std::string_view daemon) {
  const std::string service = fmt::format("kilonova-{}", daemon.substr(0, daemon.rfind('-')));
  return {{"attributes",
           Json::array({text_attribute("service.namespace", "kilonova"), text_attribute("service.name", service),
                        text_attribute("service.instance.id", daemon)})}};
}

}  // namespace

// FNV-1a over what names the step. There is one first step, whatever placement it is written to.
uint64_t span_id_of(const Uuid& instance, const StepRecord& record) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  auto take = [&hash](uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3ULL; };
  for (uint8_t byte : instance.bytes) take(byte);
  const uint64_t epoch = record.step == LaunchStep::kRequestAccepted ? 0 : record.epoch;
  for (int i = 0; i < 8; ++i) take(static_cast<uint8_t>(epoch >> (8 * i)));
  take(static_cast<uint8_t>(record.step));
  return hash == 0 ? 1 : hash;
}

std::string to_json(std::span<const StepSpan> spans) {
  Json resources = Json::array();
  std::vector<std::string_view> daemons;
  for (const StepSpan& span : spans) {
    const std::string_view daemon = span.record.daemon;
    const auto known = std::ranges::find(daemons, daemon);
    const auto index = static_cast<size_t>(known - daemons.begin());
    if (known == daemons.end()) {
      daemons.push_back(daemon);
      resources.push_back(
          {{"resource", resource_of(daemon)},
           {"scopeSpans", Json::array({{{"scope", {{"name", "kilonova"}}}, {"spans", Json::array()}}})}});
    }
    resources[index]["scopeSpans"][0]["spans"].push_back(span_of(span));
  }
  // A broken name of a host becomes U+FFFD: the text is UTF-8 whatever is in it.
  return Json{{"resourceSpans", std::move(resources)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kilonova::otlp
