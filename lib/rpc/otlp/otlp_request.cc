#include "rpc/otlp/otlp_request.h"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "otlp/span_fields.h"
#include "rpc/convert/wire.h"

namespace kilonova::otlp {
namespace {

namespace trace = opentelemetry::proto::trace::v1;
using opentelemetry::proto::common::v1::KeyValue;

std::string bytes_of(uint64_t id) {
  std::string bytes(8, '\0');
  for (size_t i = 0; i < 8; ++i) bytes[7 - i] = static_cast<char>(id >> (8 * i));
  return bytes;
}

void put(const Attribute& attribute, KeyValue* to) {
  to->set_key(std::string(attribute.key));
  if (const auto* text = std::get_if<std::string>(&attribute.value))
    rpc::put_text(*text, to->mutable_value()->mutable_string_value());
  if (const auto* number = std::get_if<uint64_t>(&attribute.value))
    to->mutable_value()->set_int_value(static_cast<int64_t>(*number));
}

void put(const SpanFields& fields, trace::Span* to) {
  rpc::put_uuid(fields.trace_id, to->mutable_trace_id());
  to->set_span_id(bytes_of(fields.id));
  if (fields.parent != 0) to->set_parent_span_id(bytes_of(fields.parent));
  rpc::put_text(fields.name, to->mutable_name());
  to->set_kind(fields.answers_client ? trace::Span::SPAN_KIND_SERVER : trace::Span::SPAN_KIND_INTERNAL);
  to->set_start_time_unix_nano(static_cast<uint64_t>(fields.begin.us) * 1'000);
  to->set_end_time_unix_nano(static_cast<uint64_t>(fields.end.us) * 1'000);
  for (const Attribute& attribute : fields.attributes) put(attribute, to->add_attributes());
  if (!fields.has_failed) return;
  to->mutable_status()->set_code(trace::Status::STATUS_CODE_ERROR);
  rpc::put_text(fields.message, to->mutable_status()->mutable_message());
}

}  // namespace

opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest to_request(std::span<const Span> spans) {
  opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest request;
  std::map<std::string_view, trace::ScopeSpans*> scopes;  // by daemon
  for (const Span& span : spans) {
    trace::ScopeSpans*& scope = scopes[daemon_of(span)];
    if (scope == nullptr) {
      trace::ResourceSpans* resource = request.add_resource_spans();
      for (const Attribute& attribute : resource_attributes(daemon_of(span)))
        put(attribute, resource->mutable_resource()->add_attributes());
      scope = resource->add_scope_spans();
      scope->mutable_scope()->set_name(std::string(kScope));
    }
    put(fields_of(span), scope->add_spans());
  }
  return request;
}

}  // namespace kilonova::otlp
