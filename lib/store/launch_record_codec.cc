#include "store/launch_record_codec.h"

#include <utility>

#include "store/codec.h"
#include "store/visit.h"

namespace kilonova {
namespace {

// Which fields of a step are written; the others are those of the step before it in the same text.
enum Written : uint32_t { kEpoch = 1, kAttempt = 2, kDaemon = 4, kHost = 8, kFault = 16, kRule = 32 };
constexpr uint32_t kAllWritten = kEpoch | kAttempt | kDaemon | kHost | kFault | kRule;

constexpr std::string_view kStart = "0";  // the step before is none: so that joined texts read back
constexpr std::string_view kStep = "s";
constexpr std::string_view kDecision = "d";

uint32_t differences(const StepRecord& step, const StepRecord& previous) {
  uint32_t written = 0;
  if (step.epoch != previous.epoch) written |= kEpoch;
  if (step.attempt != previous.attempt) written |= kAttempt;
  if (step.daemon != previous.daemon) written |= kDaemon;
  if (step.host != previous.host) written |= kHost;
  if (step.fault != previous.fault) written |= kFault;
  if (step.fault_rule != previous.fault_rule) written |= kRule;
  return written;
}

template <class Io, RowOf<StepRecord> Row>
void visit_written(Io& io, uint32_t written, Row& step) {
  if (written & kEpoch) io(step.epoch);
  if (written & kAttempt) io(step.attempt);
  if (written & kDaemon) io(step.daemon);
  if (written & kHost) io(step.host);
  if (written & kFault) io(step.fault);
  if (written & kRule) io(step.fault_rule);
}

// Starts are written as the distance to the previous start; wrapping, so that no pair of times is an exception.
int64_t wrapping_sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
int64_t wrapping_difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

void write_step(TextWriter& writer, const StepRecord& step, const StepRecord& previous) {
  uint32_t written = differences(step, previous);
  writer(kStep, step.step, written, wrapping_difference(step.start.us, previous.start.us), step.duration);
  visit_written(writer, written, step);
}

StepRecord read_step(TextReader& reader, const StepRecord& previous) {
  StepRecord step = previous;
  uint32_t written = 0;
  int64_t distance = 0;
  reader(step.step, written, distance, step.duration);
  if ((written & ~kAllWritten) != 0) reader.wrong(std::to_string(written), "a sum of 1, 2, 4, 8, 16 and 32");
  step.start.us = wrapping_sum(previous.start.us, distance);
  visit_written(reader, written, step);
  return step;
}

}  // namespace

std::string encode_launch_record(const mutation::AppendLaunchRecord& record) {
  TextWriter writer;
  const StepRecord nothing;
  const StepRecord* previous = &nothing;
  writer(kStart);
  for (const StepRecord& step : record.steps) {
    write_step(writer, step, *previous);
    previous = &step;
  }
  for (const Decision& decision : record.decisions) writer(kDecision, decision);
  return std::move(writer).text();
}

Expected<> decode_launch_record(std::string_view text, LaunchRecordRows& rows) {
  TextReader reader(text);
  StepRecord previous;
  while (!reader.at_end()) {
    std::string kind;
    reader(kind);
    if (kind == kStep) {
      previous = read_step(reader, previous);
      rows.steps.push_back(previous);
    } else if (kind == kDecision) {
      reader(rows.decisions.emplace_back());
    } else if (kind == kStart) {
      previous = StepRecord{};
    } else {
      reader.wrong(kind, "0, s or d");
    }
  }
  return reader.finish();
}

}  // namespace kilonova
