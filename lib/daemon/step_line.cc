#include "daemon/step_line.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

namespace kilonova {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

void append(LineBuffer& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

template <class Integer>
void append_number(LineBuffer& out, Integer number) {
  fmt::format_int text(number);
  out.append(text.data(), text.data() + text.size());
}

// The fields of a line by name, in either form; values unquoted.
class Fields {
 public:
  bool add(std::string_view key, std::string value) {
    if (fields_.size() == kMaxFields) return false;
    fields_.emplace_back(std::string(key), std::move(value));
    return true;
  }
  const std::string* find(std::string_view key) const {
    for (const auto& [name, value] : fields_)
      if (name == key) return &value;
    return nullptr;
  }

 private:
  static constexpr size_t kMaxFields = 32;
  std::vector<std::pair<std::string, std::string>> fields_;
};

// A bare value up to one of the ends.
std::string_view take_bare(std::string_view line, size_t& position, std::string_view ends) {
  size_t end = std::min(line.find_first_of(ends, position), line.size());
  std::string_view value = line.substr(position, end - position);
  position = end;
  return value;
}

std::optional<std::string> take_value(std::string_view line, size_t& position, std::string_view ends) {
  if (position < line.size() && line[position] == '"') return parse_quoted(line, position);
  return std::string(take_bare(line, position, ends));
}

std::optional<Fields> read_json(std::string_view line) {
  Fields fields;
  size_t position = 1;
  while (position < line.size() && line[position] != '}') {
    std::optional<std::string> key = parse_quoted(line, position);
    if (!key || position >= line.size() || line[position++] != ':') return std::nullopt;
    std::optional<std::string> value = take_value(line, position, ",}");
    if (!value || !fields.add(*key, std::move(*value))) return std::nullopt;
    if (position < line.size() && line[position] == ',') ++position;
  }
  if (position + 1 != line.size()) return std::nullopt;  // cut, or something behind the object
  return fields;
}

std::optional<Fields> read_human(std::string_view line) {
  Fields fields;
  size_t position = 0;
  for (std::string_view name : {"time", "level", "daemon"}) {
    std::optional<std::string> value = take_value(line, position, " ");
    if (!value || position >= line.size() || line[position] != ' ') return std::nullopt;
    fields.add(name, std::move(*value));
    while (position < line.size() && line[position] == ' ') ++position;
  }
  while (position < line.size()) {
    std::string_view key = take_bare(line, position, "= ");
    if (position >= line.size() || line[position] != '=') return std::nullopt;
    size_t start = ++position;
    std::optional<std::string> value = take_value(line, position, " ");
    if (position == start) return std::nullopt;  // cut: an empty value is written as ""
    if (!value || !fields.add(key, std::move(*value))) return std::nullopt;
    if (position < line.size() && line[position++] != ' ') return std::nullopt;
  }
  return fields;
}

template <class Integer>
bool read_number(const Fields& fields, std::string_view key, Integer& number) {
  const std::string* text = fields.find(key);
  if (text == nullptr) return false;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  return error == std::errc() && end == text->data() + text->size();
}

bool read_text(const Fields& fields, std::string_view key, std::string& text) {
  const std::string* value = fields.find(key);
  if (value == nullptr) return false;
  text = *value;
  return true;
}

bool read_uuid(const Fields& fields, std::string_view key, std::string_view prefix, Uuid& uuid) {
  const std::string* text = fields.find(key);
  if (text == nullptr || !text->starts_with(prefix)) return false;
  std::optional<Uuid> parsed = parse_uuid(std::string_view(*text).substr(prefix.size()));
  if (parsed) uuid = *parsed;
  return parsed.has_value();
}

bool read_step(const Fields& fields, LaunchStep& step) {
  const std::string* name = fields.find("step");
  std::optional<LaunchStep> parsed = name != nullptr ? parse_launch_step(*name) : std::nullopt;
  if (parsed) step = *parsed;
  return parsed.has_value();
}

}  // namespace

void append_hex(LineBuffer& out, const Uuid& uuid) {
  std::array<char, 32> text;
  for (size_t i = 0; i < 16; ++i) {
    text[2 * i] = kHexDigits[uuid.bytes[i] >> 4];
    text[2 * i + 1] = kHexDigits[uuid.bytes[i] & 15];
  }
  out.append(text.data(), text.data() + text.size());
}

void append_uuid(LineBuffer& out, const Uuid& uuid) {
  std::array<char, 36> text;
  size_t at = 0;
  for (uint8_t byte : uuid.bytes) {
    if (at == 8 || at == 13 || at == 18 || at == 23) text[at++] = '-';
    text[at++] = kHexDigits[byte >> 4];
    text[at++] = kHexDigits[byte & 15];
  }
  out.append(text.data(), text.data() + text.size());
}

void append_step_line(LineBuffer& out, LogFormat format, std::string_view time, const Uuid& instance,
                      const TraceContext& trace, const StepRecord& record) {
  bool json = format == LogFormat::kJson;
  bool failed = !record.fault.empty();
  append(out, json ? "{\"time\":\"" : "");
  append(out, time);
  append(out, json ? (failed ? "\",\"level\":\"warning\",\"daemon\":" : "\",\"level\":\"info\",\"daemon\":")
                   : (failed ? " WARN " : " INFO "));
  json ? append_quoted(out, record.daemon) : append_word(out, record.daemon);
  append(out, json ? ",\"step\":\"" : " step=");
  append(out, to_string(record.step));
  append(out, json ? "\",\"request_id\":\"req-" : " request_id=req-");
  append_uuid(out, trace.request_id);
  append(out, json ? "\",\"trace_id\":\"" : " trace_id=");
  append_hex(out, trace.trace_id);
  append(out, json ? "\",\"instance\":\"" : " instance=");
  append_uuid(out, instance);
  append(out, json ? "\",\"host\":" : " host=");
  json ? append_quoted(out, record.host) : append_word(out, record.host);
  append(out, json ? ",\"epoch\":" : " epoch=");
  append_number(out, record.epoch);
  append(out, json ? ",\"attempt\":" : " attempt=");
  append_number(out, record.attempt);
  append(out, json ? ",\"start_us\":" : " start_us=");
  append_number(out, record.start.us);
  append(out, json ? ",\"took_us\":" : " took_us=");
  append_number(out, record.duration.us);
  append(out, json ? ",\"fault\":" : " fault=");
  append_quoted(out, record.fault);
  if (record.fault_rule != 0) {
    append(out, json ? ",\"fault_rule\":" : " fault_rule=");
    append_number(out, record.fault_rule);
  }
  if (json) out.push_back('}');
}

std::optional<ParsedStep> parse_step_line(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return std::nullopt;
  std::optional<Fields> fields = line[0] == '{' ? read_json(line) : read_human(line);
  if (!fields) return std::nullopt;
  ParsedStep step;
  StepRecord& record = step.record;
  bool whole = read_step(*fields, record.step) && read_text(*fields, "time", step.time) &&
               read_text(*fields, "daemon", record.daemon) &&
               read_uuid(*fields, "request_id", "req-", step.request_id) &&
               read_uuid(*fields, "trace_id", "", step.trace_id) && read_uuid(*fields, "instance", "", step.instance) &&
               read_text(*fields, "host", record.host) && read_number(*fields, "epoch", record.epoch) &&
               read_number(*fields, "attempt", record.attempt) && read_number(*fields, "start_us", record.start.us) &&
               read_number(*fields, "took_us", record.duration.us) && read_text(*fields, "fault", record.fault);
  if (!whole) return std::nullopt;
  read_number(*fields, "fault_rule", record.fault_rule);  // only where one struck
  return step;
}

}  // namespace kilonova
