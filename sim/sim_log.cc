#include "sim/sim_log.h"

#include <fmt/format.h>

#include <cstring>

namespace kilonova::sim {

// FNV-1a, a byte at a time for text; numbers are mixed as a whole (the finalizer of SplitMix64), as there are very many.
void Digest::fold(std::string_view text) {
  for (unsigned char c : text) value_ = (value_ ^ c) * 0x100000001b3ULL;
  value_ = (value_ ^ 0x1ff) * 0x100000001b3ULL;
}

void Digest::fold(uint64_t number) {
  uint64_t z = (value_ ^ number) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  value_ = z ^ (z >> 31);
}

void Digest::fold(const Uuid& uuid) {
  uint64_t halves[2];
  std::memcpy(halves, uuid.bytes.data(), sizeof halves);
  fold(halves[0]);
  fold(halves[1]);
}

void SimLog::step(const Uuid& instance, const TraceContext&, const StepRecord& record) {
  Digest& digest = history_.digest;
  digest.fold(static_cast<uint64_t>(loop_.now().us));
  digest.fold(instance);
  digest.fold(static_cast<uint64_t>(record.step) << 32 | record.attempt);
  digest.fold(record.epoch);
  digest.fold(record.host);
  digest.fold(record.fault);
  if (history_.on_step) history_.on_step(instance, record);
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
