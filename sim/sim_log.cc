#include "sim/sim_log.h"

#include <fmt/format.h>

namespace kilonova::sim {

void Digest::fold(std::string_view text) {
  for (unsigned char c : text) value_ = (value_ ^ c) * 0x100000001b3ULL;
  value_ = (value_ ^ 0x1ff) * 0x100000001b3ULL;
}

void Digest::fold(uint64_t number) {
  for (int i = 0; i < 8; ++i) value_ = (value_ ^ (number >> (8 * i) & 255)) * 0x100000001b3ULL;
}

void SimLog::step(const Uuid& instance, const TraceContext&, const StepRecord& record) {
  Digest& digest = history_.digest;
  digest.fold(static_cast<uint64_t>(loop_.now().us));
  digest.fold(std::string_view(reinterpret_cast<const char*>(instance.bytes.data()), instance.bytes.size()));
  digest.fold(static_cast<uint64_t>(record.step) << 32 | record.attempt);
  digest.fold(record.epoch);
  digest.fold(record.host);
  digest.fold(record.fault);
  if (history_.follow_building) {
    if (record.step == LaunchStep::kActive) {
      history_.building.erase(instance);
    } else if (record.step != LaunchStep::kRequestAccepted) {  // logged when the call is answered, after 2 and 3
      history_.building[instance] = record.step;
    }
  }
  if (history_.keep_steps) history_.steps.push_back({instance, record});
}

void SimLog::event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level == LogLevel::kDebug) return;
  Digest& digest = history_.digest;
  digest.fold(static_cast<uint64_t>(loop_.now().us));
  digest.fold(node_);
  digest.fold(message);
  for (const LogField& field : fields) digest.fold(field.value);
  if (level == LogLevel::kWarning) history_.warnings += 1;
  if (level == LogLevel::kError) history_.errors += 1;
  if (!history_.keep_events) return;
  std::string line = fmt::format("{:>12.6f} {:<12} {}", static_cast<double>(loop_.now().us) / 1e6, node_, message);
  for (const LogField& field : fields) line += fmt::format(" {}={}", field.key, field.value);
  history_.events.push_back(std::move(line));
}

}  // namespace kilonova::sim
