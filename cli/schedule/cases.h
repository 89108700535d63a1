// Answers to one line of `kilonova schedule`: what Nova's scheduler, or Placement, would do. docs/schedule.md describes
// what goes in and what comes out. Nothing here reads files or prints.
//
// Errors: kInvalidArgument says what in the line is wrong and what would be right.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/allocation_candidates.h"
#include "scheduler/core/nova/schedule.h"
#include "scheduler/core/python_object.h"

namespace kilonova::cli::schedule {

// What a host is called where people read: "h1", or "h1/node2" when its node has another name.
std::string host_label(const scheduler::nova::HostState& host);

// --cases: one decision.
struct CaseAnswer {
  std::string id;  // as the line says it
  std::vector<std::string> hosts;
  scheduler::nova::FilteredHosts filtered;
  scheduler::nova::WeighedHosts weighed;
};
Expected<CaseAnswer> answer_case(std::string_view line);
scheduler::PythonValue json_of(const CaseAnswer& answer);

// --sequences: several requests, one after the other, that take from the same hosts.
struct SequenceAnswer {
  std::string id;
  std::vector<scheduler::nova::HostState> hosts;  // after the last request
  std::vector<scheduler::nova::FoundHosts> steps;
};
Expected<SequenceAnswer> answer_sequence(std::string_view line);
scheduler::PythonValue json_of(const SequenceAnswer& answer);

// --placement: the providers that have room.
struct PlacementAnswer {
  std::string id;
  std::vector<std::string> providers;
  std::vector<uint32_t> candidates;
};
Expected<PlacementAnswer> answer_placement(std::string_view line);
scheduler::PythonValue json_of(const PlacementAnswer& answer);

}  // namespace kilonova::cli::schedule
