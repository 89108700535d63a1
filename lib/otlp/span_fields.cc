#include "otlp/span_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace kilonova::otlp {
namespace {

// Who records the actions of servers.
constexpr std::string_view kController = "controller-0";

// FNV-1a, in steps.
class SpanHash {
 public:
  SpanHash& take(uint8_t byte) {
    hash_ = (hash_ ^ byte) * 0x100000001b3ULL;
    return *this;
  }
  SpanHash& take(const Uuid& id) {
    for (uint8_t byte : id.bytes) take(byte);
    return *this;
  }
  SpanHash& take(uint64_t number) {
    for (int i = 0; i < 8; ++i) take(static_cast<uint8_t>(number >> (8 * i)));
    return *this;
  }
  uint64_t id() const { return hash_ == 0 ? 1 : hash_; }

 private:
  uint64_t hash_ = 0xcbf29ce484222325ULL;
};

// No step has such a number.
constexpr uint8_t kActionMark = 0x80, kEventMark = 0x81;

SpanHash hash_of(const InstanceAction& action, uint8_t mark) {
  return SpanHash().take(action.instance).take(action.number).take(mark);
}

SpanFields fields(const StepSpan& step) {
  const StepRecord& record = step.record;
  const bool is_first = record.step == LaunchStep::kRequestAccepted;
  SpanFields fields{.trace_id = step.trace_id.is_nil() ? step.instance : step.trace_id,
                    .id = span_id_of(step.instance, record),
                    .parent = step.client_span,
                    .name = std::string(to_string(record.step)),
                    .answers_client = is_first,
                    .begin = record.start,
                    .end = record.start + std::max(record.duration, Duration{}),
                    .attributes = {{"kilonova.server", to_string(step.instance)},
                                   {"kilonova.step", static_cast<uint64_t>(record.step)},
                                   {"kilonova.epoch", record.epoch},
                                   {"kilonova.attempt", static_cast<uint64_t>(record.attempt)}},
                    .has_failed = !record.fault.empty(),
                    .message = record.fault};
  if (!is_first) fields.parent = span_id_of(step.instance, StepRecord{.step = LaunchStep::kRequestAccepted});
  if (!record.host.empty()) fields.attributes.push_back({"kilonova.host", record.host});
  if (record.fault_rule != 0) fields.attributes.push_back({"kilonova.fault_rule", record.fault_rule});
  return fields;
}

SpanFields fields(const ActionSpan& span) {
  const InstanceAction& action = *span.action;
  const uint64_t of_action = hash_of(action, kActionMark).id();
  SpanFields fields{.trace_id = span.trace_id.is_nil() ? action.request_id : span.trace_id,
                    .id = of_action,
                    .parent = span.client_span,
                    .name = action.action,
                    .answers_client = true,
                    .begin = action.started_at,
                    .end = action.finished_at,
                    .attributes = {{"kilonova.server", to_string(action.instance)},
                                   {"kilonova.action", action.action},
                                   {"kilonova.request_id", "req-" + to_string(action.request_id)}},
                    .has_failed = action.failed,
                    .message = action.message};
  std::string host = action.host;
  if (span.event) {
    const InstanceActionEvent& event = action.events.at(*span.event);
    fields.id = hash_of(action, kEventMark).take(static_cast<uint64_t>(*span.event)).id();
    fields.parent = of_action;
    fields.name = event.event;
    fields.answers_client = false;
    fields.begin = event.started_at;
    fields.end = event.finished_at;
    fields.has_failed = event.failed;
    host = event.host;
  }
  fields.end = std::max(fields.begin, fields.end);
  if (!host.empty()) fields.attributes.push_back({"kilonova.host", std::move(host)});
  return fields;
}

}  // namespace

// There is one first step, whatever placement it is written to.
uint64_t span_id_of(const Uuid& instance, const StepRecord& record) {
  const uint64_t epoch = record.step == LaunchStep::kRequestAccepted ? 0 : record.epoch;
  return SpanHash().take(instance).take(epoch).take(static_cast<uint8_t>(record.step)).id();
}

std::vector<ActionSpan> spans_of(const TraceContext& trace, const InstanceAction& action) {
  const auto shared = std::make_shared<const InstanceAction>(action);
  std::vector<ActionSpan> spans{{shared, trace.trace_id, trace.span_id}};
  for (size_t event = 0; event < action.events.size(); ++event) spans.push_back({shared, trace.trace_id, 0, event});
  return spans;
}

SpanFields fields_of(const Span& span) {
  return std::visit([](const auto& one) { return fields(one); }, span);
}

std::string_view daemon_of(const Span& span) {
  const auto* step = std::get_if<StepSpan>(&span);
  return step == nullptr ? kController : std::string_view(step->record.daemon);
}

std::vector<Attribute> resource_attributes(std::string_view daemon) {
  return {{"service.namespace", "kilonova"},
          {"service.name", fmt::format("kilonova-{}", daemon.substr(0, daemon.rfind('-')))},
          {"service.instance.id", std::string(daemon)}};
}

}  // namespace kilonova::otlp
