#include "api-server/front/dashboard/event_text.h"

#include <fmt/format.h>

#include <iterator>

#include "domain/launch_steps.h"
#include "domain/states.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/nouns/servers.h"

namespace kilonova::api::dashboard {

void append_quoted(std::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20)
      fmt::format_to(std::back_inserter(*out), "\\u{:04x}", static_cast<unsigned>(c));
    else
      out->push_back(c);
  }
  out->push_back('"');
}

std::string event_text(const WatchEvent& event, rpc::Audience audience) {
  v1::WatchEvent shown;
  rpc::to_view(event, audience, &shown);
  const std::string_view step = event.step == LaunchStep::kNone ? std::string_view() : to_string(event.step);
  std::string text;
  auto out = std::back_inserter(text);
  fmt::format_to(out, R"({{"id":"{}","project":"{}","name":)", shown.server_id(), shown.project_id());
  append_quoted(shown.name(), &text);
  fmt::format_to(out, R"(,"status":"{}","task":"{}","host":)", shown.status(), to_string(event.task_state));
  append_quoted(shown.host(), &text);
  fmt::format_to(out, R"(,"epoch":{},"attempt":{},"step":"{}","time":{},"deleted":{},"fault":)", shown.epoch(),
                 shown.attempt(), step, shown.time_us(), shown.deleted());
  append_quoted(shown.fault(), &text);
  text += '}';
  return text;
}

std::string event_text(const CloudEvent& event) {
  if (event.fault_rule != 0)
    return fmt::format(R"({{"rule":"{}","struck":"{}","time":{}}})", event.fault_rule, event.struck, event.time.us);
  v1::CloudEvent shown;
  rpc::encode(event, &shown);
  std::string text = R"({"host":)";
  append_quoted(shown.host(), &text);
  fmt::format_to(std::back_inserter(text), R"(,"up":{},"time":{}}})", event.up, event.time.us);
  return text;
}

const std::string& EventTexts::of(const WatchEvent& event, uint64_t generation, rpc::Audience audience) {
  const size_t at = 2 * (event.revision % kKept) + (audience == rpc::Audience::kAdmin ? 1 : 0);
  if (kept_.empty()) kept_.resize(2 * kKept);
  Kept& kept = kept_[at];
  if (kept.revision != event.revision || kept.generation != generation || kept.text.empty())
    kept = {event.revision, generation, event_text(event, audience)};
  return kept.text;
}

}  // namespace kilonova::api::dashboard
