// InstanceBuild: one try of one server on one host: steps 6 to 12 of a launch, from the run cast to the terminal report
// (nova/compute/manager.py _do_build_and_run_instance and what it calls).
//
// Lives in the frame of build_and_run_instance. Destroying that frame, as a delete or a newer placement does, frees the
// build slot, the lock, an unfinished claim and an image download; the guest and its claim stay in the table for
// whoever cancelled it to destroy.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "base/error.h"
#include "compute-node/core/compute_state.h"
#include "domain/messages.h"
#include "runtime/task.h"

namespace kilonova::compute {

// Why a try ended before its guest ran. All that it took is given back in each case.
struct BuildFailure {
  enum class Kind {
    kRescheduled,  // this host would not: another one may (Nova: RescheduledException)
    kAborted,      // no host would (Nova: BuildAbortException)
    kStale,        // a newer placement exists: nobody waits for the result
  };
  Kind kind = Kind::kRescheduled;
  Error fault;
};

using BuildStatus = std::expected<void, BuildFailure>;

class InstanceBuild {
 public:
  InstanceBuild(ComputeState& state, uint32_t host, BuildAndRunInstance cast);
  InstanceBuild(const InstanceBuild&) = delete;
  InstanceBuild& operator=(const InstanceBuild&) = delete;

  Task<void> run();

 private:
  // In the order of the flow.
  Task<BuildStatus> do_build_and_run_instance();
  Task<BuildStatus> instance_claim();         // step 6
  Task<BuildStatus> build_resources();        // steps 7 to 9
  Task<BuildStatus> allocate_for_instance();  // step 7
  Task<BuildStatus> take_addresses();         // step 8, as the network-controller reported it
  Task<BuildStatus> block_device_mapping();   // step 9
  Task<BuildStatus> spawn();                  // steps 10 to 12
  Task<BuildStatus> fetch_image();            // step 10
  Task<BuildStatus> define_guest();           // step 11
  Task<BuildStatus> start_guest();            // step 12
  BuildStatus leave_off();                    // instead
  BuildStatus finish_guest(PowerState power);
  Task<void> cleanup();
  void report(const BuildStatus& status);

  // Strikes the injected faults of the step, then does its work; records, logs and reports it.
  Task<BuildStatus> run_step(LaunchStep step, Task<BuildStatus> work);
  Task<Struck> strike_faults(LaunchStep step);
  BuildStatus status_of(const Struck& struck) const;
  void record_step(StepRecord record);
  void report_progress();
  InstanceReport new_report(BuildResult result) const;

  std::unexpected<BuildFailure> reschedule(const Error& reason) const;
  std::unexpected<BuildFailure> abort(const Error& reason) const;

  const std::string& host_name() const { return state_.host_name(host_); }
  Guest& guest();

  ComputeState& state_;
  const uint32_t host_;
  const HostInstance key_;
  BuildAndRunInstance cast_;
  LaunchStep step_ = LaunchStep::kNone;  // the last that finished
  AllocateAddressesReply allocation_;
  bool may_hold_addresses_ = false;
};

// The flow of one run cast. The caller has made the build's entry in the table.
Task<void> build_and_run_instance(ComputeState* state, uint32_t host, BuildAndRunInstance cast);

}  // namespace kilonova::compute
